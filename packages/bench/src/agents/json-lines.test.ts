import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { jsonLines } from './json-lines.js';

// Between them what other readers of lines stop at.
const VALUES = [{ text: 'a\u2028b\u2029c\r\n😀' }, [1, 2], 'é', { nested: { deep: ['\n'] } }];
const BYTES = Buffer.from(VALUES.map((value) => `${JSON.stringify(value)}\n`).join(''));

test.each([1, 2, 3, 7, 1000])('lines come out whole, cut every %d bytes', async (size) => {
  const pieces = Array.from({ length: Math.ceil(BYTES.length / size) }, (_, i) => BYTES.subarray(i * size, (i + 1) * size));
  const read: unknown[] = [];
  for await (const value of jsonLines(Readable.from(pieces, { objectMode: false }))) read.push(value);
  expect(read).toEqual(VALUES);
});

test('what is no JSON is thrown', async () => {
  await expect(jsonLines(Readable.from([Buffer.from('{"a":\n')], { objectMode: false })).next()).rejects.toThrow(SyntaxError);
});
