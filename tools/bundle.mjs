// The command line with all that it imports in few files, packages/cli/bundle: `trtllm` then starts in half the time (400 files are found,
// read and compiled one by one otherwise). After `tsc -b`; does nothing when nothing has been compiled or installed since.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const packages = new URL('../packages/', import.meta.url).pathname;
const bundle = join(packages, 'cli/bundle');

/** What tsc writes last in each package, what pnpm does, and this file, with their times: packages/cli/bin/program.js compares them. */
function sources() {
  const compiled = readdirSync(packages).map((name) => `../../${name}/dist/.tsbuildinfo`);
  const files = [...compiled, '../../../node_modules/.pnpm/lock.yaml', '../../../tools/bundle.mjs'];
  return JSON.stringify(Object.fromEntries(files.map((file) => [file, statSync(join(bundle, file)).mtimeMs])), null, 1);
}

function bundledSources() {
  try {
    return readFileSync(join(bundle, 'sources.json'), 'utf8');
  } catch {
    return undefined;
  }
}

/** In one folder as deep as dist: native-directory.ts finds its files from where it is. */
async function make() {
  rmSync(bundle, { recursive: true, force: true });
  const dist = join(packages, 'cli/dist');
  const input = { run: join(dist, 'run.js'), 'commands/index': join(dist, 'commands/index.js') };
  const program = await rolldown({ input, platform: 'node', logLevel: 'silent' });
  await program.write({ dir: bundle, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' });
  await program.close();
}

const now = sources();
if (now !== bundledSources()) {
  await make();
  writeFileSync(join(bundle, 'sources.json'), now);
}
