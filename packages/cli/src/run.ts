// Entry of every bin: argv -> oclif -> exit code. Errors with a code of ours become one sentence on stderr and that code's exit code.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Errors, execute, settings } from '@oclif/core';
import { canonicalArgv } from './canonical-argv.js';

const PACKAGE_ROOT = fileURLToPath(new URL('..', import.meta.url));

export const VERSION = (JSON.parse(readFileSync(`${PACKAGE_ROOT}/package.json`, 'utf8')) as { version: string }).version;

/** @param command the alias's command, or '' for `trtllm` */
export async function run(argv: readonly string[], command = ''): Promise<void> {
  settings.enableAutoTranspile = false;
  // A reader that went away (`trtllm inspect X | head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
  });
  await execute({ args: canonicalArgv(argv, command), dir: PACKAGE_ROOT }).catch((error: unknown) => Errors.handle(error as Error));
}
