import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryFile } from '../test-support/planned.js';
import { readObjects, readRows } from './data-file.js';
import { arrayElements, linesOf } from './json-pieces.js';

const values = (path: string) => readObjects(path, ({ value }) => value);

test.each([
  ['lines', '{"a":1}\n\n  {"a":2}\r\n{"a":3}'],
  ['an array on one line', '[{"a":1},{"a":2},{"a":3}]'],
  ['an array over many lines, with a byte order mark', '\ufeff[\n {\n "a": 1 },\n {"a":2},\n\n{"a":3}\n]\n'],
])('objects are read from %s', async (_, text) => {
  expect(await values(temporaryFile('x.json', text))).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
});

test('a packed file is unpacked', async () => {
  expect(await values(temporaryFile('x.jsonl.gz', gzipSync('{"a":1}\n')))).toEqual([{ a: 1 }]);
});

test('any objects survive being cut out of an array and of lines', () => {
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 5 }), fc.constantFrom(0, 1), (objects, indent) => {
      const parsed = (pieces: Iterable<{ piece: Buffer }>) => Array.from(pieces, ({ piece }) => JSON.parse(piece.toString()));
      const copies = JSON.parse(JSON.stringify(objects));
      expect(parsed(arrayElements(Buffer.from(JSON.stringify(objects, null, indent))))).toEqual(copies);
      expect(parsed(linesOf(Buffer.from(objects.map((object) => `${JSON.stringify(object)}\n`).join(''))))).toEqual(copies);
    }),
    { numRuns: 200, seed: 1 },
  );
});

test.each([
  ['{"a":1}\n{"a":\n', ':2: expected a JSON object ('],
  ['{"a":1}\n5\n', ':2: expected a JSON object, found 5'],
  ['[{"a":1},\n"text"]', ':2: expected a JSON object, found "text"]'],
  ['[{"a":1},\n{"a":2}', ':2: expected the end of the array, found the end of the file'],
  ['[{"a":1},\n\n{"a" 2}]', ':3: expected a JSON object ('],
  ['\n', ': expected JSON objects, found none'],
])('what is malformed is named by file and line: %j', async (text, message) => {
  const path = temporaryFile('x.json', text);
  await expect(values(path)).rejects.toThrow(path + message);
});

test('a missing file is named', async () => {
  await expect(values('/no/such/file')).rejects.toThrow('--dataset-path /no/such/file: ENOENT');
});

test('columns are found by name, and rows know their line', async () => {
  const path = temporaryFile('x.csv', '\ufeffb, a ,"c d"\r\n1,2,3\r\n\r\n4,"5",six\r\n');
  const rows = await readRows(path, ['a', 'c d']);
  expect(rows.map((row) => row.whole('a', 0))).toEqual([2, 5]);
  expect(() => rows[1]!.whole('c d', 0)).toThrow(`${path}:4: expected c d: a whole number >= 0, found six`);
});

test.each([
  ['a,b\n1,2\n', ':1: expected columns a, c, found a, b'],
  ['a,c\n', ': expected rows of a, c, found none'],
  ['a,c\n1\n', ': not a table: Invalid Record Length'],
])('a table that is none is named: %j', async (text, message) => {
  const path = temporaryFile('x.csv', text);
  await expect(readRows(path, ['a', 'c'])).rejects.toThrow(path + message);
});
