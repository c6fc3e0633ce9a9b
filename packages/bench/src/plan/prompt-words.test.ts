import type { Tokenizer } from '@trtllm/text';
import { expect, test } from 'vitest';
import { storiesTokenizer } from '../test-support/tokenizer.js';
import { PromptWords } from './prompt-words.js';
import { idWriter, textWriter } from './prompt-writer.js';
import { seededRandom } from './seeded-random.js';

const tokenizer = await storiesTokenizer();
const words = new PromptWords(tokenizer, true);
const count = (text: unknown) => tokenizer.encode(text as string, { addSpecialTokens: true }).length;
const random = (index = 0) => seededRandom(0, 'test', index);

test('a text has exactly the wanted number of tokens, BOS counted', () => {
  expect(words.overhead).toBe(1);
  for (let length = 1; length <= 200; length++) expect(count(words.exactText(random(length), [], length))).toBe(length);
});

test('where neighbours merge into one token the text is mended until it is exact', () => {
  const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
  const isMerged = (word: string, before = ''): boolean => before !== 'a' && LETTERS.includes(before + word) && before !== '';
  const merging = {
    vocabSize: LETTERS.length,
    // "c d" is one token, as is any letter followed by the next; a begins no such pair.
    encode: (text: string) => text.split(' ').filter((word, i, all) => word !== '' && !isMerged(word, all[i - 1])).map(() => 0),
    decode: ([id]: readonly number[]) => LETTERS[id!]!,
  };
  const mending = new PromptWords(merging as unknown as Tokenizer, false);
  const lengths = Array.from({ length: 60 }, (_, i) => i + 1);
  const texts = lengths.map((length) => mending.exactText(random(length), [], length));
  expect(texts.map((text) => merging.encode(text).length)).toEqual(lengths);
});

test('prose is cut at a word and filled up to the exact length', () => {
  const writer = textWriter(words, 0);
  const prose = writer.piecesOf('  FROM fairest creatures we desire increase,\nThat thereby beauty\u2019s rose might never die,  ');
  expect(prose.join('')).toMatch(/^\nFROM fairest .*increase,\nThat .*die,$/s);
  for (let length = 1; length <= 120; length++) expect(count(writer.promptOf(writer.exactPieces(random(length), [], length, prose)))).toBe(length);
  expect(writer.promptOf(writer.exactPieces(random(), [], 40, prose))).toMatch(/^FROM fairest creatures /);
});

test('what only the server adds is taken off the text', () => {
  const writer = textWriter(words, 9);
  expect(writer.overhead).toBe(10);
  expect(count(writer.promptOf(writer.exactPieces(random(), [], 50)))).toBe(41);
  expect(writer.given('Once upon a time').inputTokens).toBe(count('Once upon a time') + 9);
});

test('a length below what the endpoint and the prefix take is refused with the smallest possible', () => {
  const writer = textWriter(words, 6);
  const prefix = writer.draw(random(), 12, true);
  expect(count(writer.promptOf(writer.exactPieces(random(), prefix, 12 + 7)))).toBe(12 + 1);
  expect(() => writer.exactPieces(random(), prefix, 12 + 6)).toThrow('a prompt of 18 tokens cannot be: what the endpoint adds and the shared prefix are 19; that is the least');
});

test('ids are as many as planned and stand for text', () => {
  const writer = idWriter(tokenizer, tokenizer.vocabSize);
  const ids = writer.promptOf(writer.exactPieces(random(), [5, 6], 3000)) as number[];
  expect(ids).toHaveLength(3000);
  expect(ids.slice(0, 2)).toEqual([5, 6]);
  for (const id of ids.slice(2)) {
    expect(tokenizer.isSpecial(id)).toBe(false);
    expect(tokenizer.idToToken(id)).not.toMatch(/^<0x/);
    expect(tokenizer.decode([id], { skipSpecialTokens: false })).not.toMatch(/^$|\ufffd/);
  }
});

test('ids of prose are cut and filled up', () => {
  const writer = idWriter(tokenizer, tokenizer.vocabSize);
  const prose = writer.piecesOf('Once upon a time');
  expect(writer.exactPieces(random(), [], 2, prose)).toEqual(prose.slice(0, 2));
  expect(writer.exactPieces(random(), [], 40, prose)).toHaveLength(40);
});
