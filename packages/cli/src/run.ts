// Entry of every bin: argv -> oclif -> exit code. Errors with a code of ours become one sentence on stderr and that code's exit code.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Errors, execute, settings, type Interfaces } from '@oclif/core';
import { canonicalArgv } from './canonical-argv.js';

/** Both `dist/` (compiled) and `bundle/` (in few files, tools/bundle.mjs) are folders of the package. */
const PACKAGE_ROOT = fileURLToPath(new URL('..', import.meta.url));
const COMMANDS = fileURLToPath(new URL('./commands/index.js', import.meta.url));

/** @param command the alias's command, or '' for `trtllm` */
export async function run(argv: readonly string[], command = ''): Promise<void> {
  settings.enableAutoTranspile = false;
  // A reader that went away (`trtllm inspect X | head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
  });
  const loadOptions = { root: PACKAGE_ROOT, pjson: packageWithCommands() };
  await execute({ args: canonicalArgv(argv, command), loadOptions }).catch((error: unknown) => Errors.handle(error as Error));
}

/** package.json with the commands that were compiled, or bundled, with this file. */
function packageWithCommands(): Interfaces.PJSON {
  const manifest = JSON.parse(readFileSync(`${PACKAGE_ROOT}/package.json`, 'utf8')) as Interfaces.PJSON;
  const commands = { strategy: 'explicit', target: `./${relative(PACKAGE_ROOT, COMMANDS)}`, identifier: 'COMMANDS' } as const;
  return { ...manifest, oclif: { ...manifest.oclif, commands } };
}
