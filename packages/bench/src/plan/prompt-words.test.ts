import { fileURLToPath } from 'node:url';
import { loadTokenizer, type Tokenizer } from '@trtllm/text';
import { expect, test } from 'vitest';
import { PromptWords } from './prompt-words.js';
import { seededRandom } from './seeded-random.js';
import { idWriter, planHash, planWorkload, textWriter } from './workload.js';

const tokenizer = (await loadTokenizer(fileURLToPath(new URL('../../../../models/stories260K', import.meta.url))))!;
const words = new PromptWords(tokenizer, true);
const OPTIONS = { seed: 0, numPrompts: 40, inputLen: 30, outputLen: 10, prefixLen: 12, rangeRatio: 0.2 };

test('a text has exactly the wanted number of tokens, BOS counted', () => {
  expect(words.overhead).toBe(1);
  for (let length = 1; length <= 200; length++) {
    const text = words.exactText(seededRandom(0, 'test', length), [], length);
    expect(tokenizer.encode(text, { addSpecialTokens: true })).toHaveLength(length);
  }
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
  const texts = lengths.map((length) => mending.exactText(seededRandom(0, 'test', length), [], length));
  expect(texts.map((text) => merging.encode(text).length)).toEqual(lengths);
  expect(texts.some((text) => text.split(' ').length > merging.encode(text).length)).toBe(true);
});

test('a length below what the endpoint adds is refused with the smallest possible', () => {
  const write = textWriter(words, OPTIONS, 6);
  expect(write(seededRandom(0, 'test'), 12 + 7)).not.toBe('');
  expect(() => write(seededRandom(0, 'test'), 12 + 6)).toThrow('a prompt of 6 tokens cannot be, the endpoint itself adds 7');
});

test('lengths lie in the ratio around the wanted one, ends included, and the shared prefix comes on top', () => {
  const plans = [...planWorkload({ ...OPTIONS, numPrompts: 400 }, textWriter(words, OPTIONS, 0))];
  const inputs = plans.map((plan) => plan.inputTokens - 12);
  const outputs = plans.map((plan) => plan.outputTokens);
  expect([Math.min(...inputs), Math.max(...inputs)]).toEqual([24, 36]);
  expect([Math.min(...outputs), Math.max(...outputs)]).toEqual([8, 12]);
});

test('prompts have the planned length, begin with the same prefix and then differ', () => {
  const plans = [...planWorkload(OPTIONS, textWriter(words, OPTIONS, 0))];
  const ids = plans.map((plan) => tokenizer.encode(plan.prompt as string, { addSpecialTokens: true }));
  expect(ids.map((prompt) => prompt.length)).toEqual(plans.map((plan) => plan.inputTokens));
  expect(new Set(ids.map((prompt) => prompt.slice(1, 13).join())).size).toBe(1);
  expect(new Set(ids.map((prompt) => prompt.slice(13, 23).join())).size).toBe(plans.length);
});

test('what only the server adds is taken off the text', () => {
  const [plan] = planWorkload(OPTIONS, textWriter(words, OPTIONS, 9));
  expect(tokenizer.encode(plan!.prompt as string, { addSpecialTokens: true })).toHaveLength(plan!.inputTokens - 9);
});

test('ids are as many as planned and stand for text', () => {
  const plans = [...planWorkload(OPTIONS, idWriter(tokenizer, tokenizer.vocabSize, OPTIONS))];
  for (const { prompt, inputTokens } of plans) {
    expect(prompt).toHaveLength(inputTokens);
    for (const id of prompt as number[]) {
      expect(tokenizer.isSpecial(id)).toBe(false);
      expect(tokenizer.decode([id], { skipSpecialTokens: false })).not.toContain('\ufffd');
    }
  }
});

test('the same seed asks for the same, another for something else, and a request does not depend on how many there are', () => {
  const plan = (seed: number, numPrompts = 10) => [...planWorkload({ ...OPTIONS, seed, numPrompts }, textWriter(words, { ...OPTIONS, seed }, 0))];
  expect(planHash(plan(0))).toBe(planHash(plan(0)));
  expect(planHash(plan(1))).not.toBe(planHash(plan(0)));
  expect(plan(0, 20).slice(0, 10)).toEqual(plan(0, 10));
});
