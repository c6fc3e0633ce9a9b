// What the tools of Hugging Face have put into their cache on this machine. Nothing is fetched.
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** models--ORG--NAME/refs/main holds the name of a folder in snapshots/; undefined: not there. */
export function cachedSnapshot(kind: 'models' | 'datasets', name: string): string | undefined {
  const { HF_HUB_CACHE, HF_HOME } = process.env;
  const hub = HF_HUB_CACHE ?? join(HF_HOME ?? join(homedir(), '.cache', 'huggingface'), 'hub');
  const repository = join(hub, `${kind}--${name.replaceAll('/', '--')}`);
  const head = join(repository, 'refs', 'main');
  if (!existsSync(head)) return undefined;
  const snapshot = join(repository, 'snapshots', readFileSync(head, 'utf8').trim());
  return existsSync(snapshot) ? snapshot : undefined;
}
