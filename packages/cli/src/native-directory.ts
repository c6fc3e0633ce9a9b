// Where the native executables are: $TRTLLM_NATIVE_DIR, or the checkout's build.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { TrtllmError } from '@trtllm/protocol';

export function nativeDirectory(): string {
  const directory = process.env['TRTLLM_NATIVE_DIR'] ?? fileURLToPath(new URL('../../../native/build/release', import.meta.url));
  if (!existsSync(`${directory}/trtllm-worker`))
    throw new TrtllmError('IO_ERROR', `the native engine is not built: no ${directory}/trtllm-worker; run \`make build\``);
  return directory;
}
