// Native code and TypeScript speak of the same errors: every code that C++ throws is in the table of error-codes.ts.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CODES } from '@trtllm/protocol';
import { expect, it } from 'vitest';
import { REPOSITORY } from './numerics/command.js';

const SOURCE = join(REPOSITORY, 'native/src');
/** `Error("CODE", …)`, `kCode[] = "CODE"` and the worker's `error_code = "CODE"`. */
const CODE = /(?:\bError\(|kCode\[\] = |error_code = )"([A-Z]+(?:_[A-Z]+)+)"/g;

it('every error code that native code throws is known here', () => {
  const thrown = new Set<string>();
  for (const file of readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(cpp|h)$/.test(file)) continue;
    for (const [, code] of readFileSync(join(SOURCE, file), 'utf8').matchAll(CODE)) thrown.add(code!);
  }
  expect(thrown.size).toBeGreaterThan(10);
  expect([...thrown].filter((code) => !Object.hasOwn(ERROR_CODES, code))).toEqual([]);
});
