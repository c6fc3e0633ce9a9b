// The native load client of this checkout's build.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const directory = process.env['TRTLLM_NATIVE_DIR'] ?? fileURLToPath(new URL('../../../../native/build/release', import.meta.url));

/** Undefined where it is not built, which is said aloud: its tests are skipped. */
export function builtLoadgen(): string | undefined {
  const path = `${directory}/trtllm-loadgen`;
  if (existsSync(path)) return path;
  console.warn(`no ${path}: tests of the native client are skipped; \`make native\` builds it`);
  return undefined;
}
