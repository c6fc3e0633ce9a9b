// One virtual environment a peer, outside of the repository: their requirements contradict each other.
import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The folder of the peer's programs; installs the peer if it is not there. */
export async function programsOf(folder, name, version) {
  const home = join(folder, `${name}-${version}`);
  const programs = join(home, 'bin');
  if (existsSync(join(programs, name))) return programs;
  console.error(`installing ${name} ${version} in ${home}`);
  await run('python3', ['-m', 'venv', home]);
  try {
    await run(join(programs, 'python'), ['-m', 'pip', 'install', '--quiet', `${name}==${version}`], { maxBuffer: 1 << 26 });
  } catch (error) {
    rmSync(home, { recursive: true });
    throw new Error(`pip does not install it: ${error.stderr.trim().split('\n').at(-1)}`, { cause: error });
  }
  return programs;
}
