import fc from 'fast-check';
import { fileURLToPath } from 'node:url';
import { loadTokenizer } from '@trtllm/text';
import { expect, test } from 'vitest';
import { replyCounter, spreadTokens } from './token-counts.js';

function events(texts: string[], running: number[] = texts.map(() => -1), told: number[] = texts.map(() => 0)) {
  const ends = texts.map((_, i) => texts.slice(0, i + 1).join('').length);
  return { stamps: texts.map((_, i) => i), text: texts.join(''), ends, running, told };
}

test('as many events as tokens are one token each', () => {
  expect(spreadTokens(events(['a', 'long text', 'b']), 3, () => 9)).toEqual([1, 1, 1]);
});

test('running usage tells the tokens of each event', () => {
  expect(spreadTokens(events(['a', 'b', 'c'], [1, 4, 6]), 6)).toEqual([1, 3, 2]);
});

test('usage in the last event alone is no running usage', () => {
  expect(spreadTokens(events(['a', 'b', 'c'], [-1, -1, 6]), 6)).toEqual([2, 2, 2]);
});

test('ids told beside the text go before tokenizing it', () => {
  expect(spreadTokens(events(['a', 'b'], undefined, [1, 4]), 5, () => 1)).toEqual([1, 4]);
});

test('whatever the events say, the sum is the count of the reply', () => {
  const texts = fc.array(fc.string(), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(texts, fc.nat(200), (pieces, numTokens) => {
      const spread = spreadTokens(events(pieces), numTokens, (text) => text.length);
      expect(spread.reduce((a, b) => a + b, 0)).toBe(numTokens);
      expect(Math.min(...spread)).toBeGreaterThanOrEqual(0);
    }),
  );
});

test('a piece of a reply that begins with a blank is not charged for another one', async () => {
  const count = replyCounter((await loadTokenizer(fileURLToPath(new URL('../../../../models/stories260K', import.meta.url))))!);
  expect(count(' was was was')).toBe(3);
  expect(count('was was was')).toBe(3);
  expect(count('\n')).toBe(1);
  expect(count('')).toBe(0);
});
