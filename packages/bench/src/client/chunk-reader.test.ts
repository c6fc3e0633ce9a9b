import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readChunk } from './chunk-facts.js';
import { ChunkReader } from './chunk-reader.js';

const completion = (text: string): string => JSON.stringify({ id: 'a', choices: [{ index: 0, text, finish_reason: null }], usage: null });
const chat = (content: string): string => JSON.stringify({ id: 'a', choices: [{ index: 0, delta: { content }, finish_reason: null }] });

/** Pairs of what a reader of the stream and a parser of each chunk say. */
function expectSame(chunks: string[]): void {
  const reader = new ChunkReader(readChunk);
  for (const chunk of chunks) expect(reader.read(chunk), chunk).toEqual(readChunk(chunk));
}

test('says of every chunk of a stream what parsing it says', () => {
  const text = fc.oneof(fc.constantFrom('a', ' the', '"', '\\', '\n', '\u2028', '', 'é😀', '","x":"', '"}]}'), fc.string({ unit: 'binary' }));
  const chunk = fc.oneof(text.map(completion), text.map(chat), fc.constantFrom('{"choices":[],"usage":{"completion_tokens":3}}', '{"error":"full"}', '{"choices":[{"text":"a","finish_reason":"stop"}]}'));
  fc.assert(fc.property(fc.array(chunk), expectSame), { numRuns: 40 });
});

test('a frame is known once a chunk of it was read, and no other is', () => {
  const reader = new ChunkReader(readChunk);
  const frame = { before: '{"choices":[{"text":"', behind: '"}]}' };
  expect(reader.knows(frame)).toBe(false);
  reader.read('{"choices":[{"text":"a"}]}');
  expect(reader.knows({ ...frame })).toBe(true);
  expect(reader.facts).toMatchObject({ hasChoices: true, numTold: 0 });
  expect(reader.knows({ ...frame, behind: '","finish_reason":"stop"}]}' })).toBe(false);
});

test('a string that only looks like the text is not taken for it', () => {
  expectSame(['b', 'c', 'd'].map((other) => `{"text":"${other}","choices":[{"delta":{"content":"b"}}]}`));
  expectSame(['a', '', 'b'].map((text) => `{"choices":[{"delta":{"reasoning":"${text}"}}]}`));
  expectSame(['b', 'c'].map((other) => `{"choices":[{"delta":{"content":"b","reasoning":"${other}"}}]}`));
  expectSame([`{"choices":[{"text":"a"},{"text":"a"}]}`, `{"choices":[{"text":"b"},{"text":"a"}]}`]);
});

test('a text that breaks the JSON is refused as parsing refuses it', () => {
  const reader = new ChunkReader(readChunk);
  reader.read(completion('a'));
  expect(() => reader.read(completion('a').replace('"a",', '"\n",'))).toThrow(SyntaxError);
});
