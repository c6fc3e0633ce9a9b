// Programs that a machine may lack: their tests are skipped then, and say so.
import { spawnSync } from 'node:child_process';

/** The first of `names` that runs here. */
export function programOf(names: readonly string[], whatIsSkipped: string): string | undefined {
  const found = names.find((name) => spawnSync(name, ['--version'], { timeout: 20_000 }).status === 0);
  if (found === undefined) console.warn(`SKIPPED: ${whatIsSkipped}: none of ${names.join(', ')} is installed here`);
  return found;
}
