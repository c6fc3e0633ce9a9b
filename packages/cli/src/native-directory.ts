// Where the native executables are: $TRTLLM_NATIVE_DIR, or the checkout's build.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { TrtllmError } from '@trtllm/protocol';

function directoryOf(): string {
  return process.env['TRTLLM_NATIVE_DIR'] ?? fileURLToPath(new URL('../../../native/build/release', import.meta.url));
}

/** The load client's executable; undefined where it is not built: servers can be measured without it. */
export function loadgenExecutable(): string | undefined {
  const path = `${directoryOf()}/trtllm-loadgen`;
  return existsSync(path) ? path : undefined;
}

export function nativeDirectory(): string {
  const directory = directoryOf();
  if (!existsSync(`${directory}/trtllm-worker`))
    throw new TrtllmError('IO_ERROR', `the native engine is not built: no ${directory}/trtllm-worker; run \`make build\``);
  return directory;
}
