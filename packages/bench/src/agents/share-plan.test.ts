// The shares of a plan are the plan: every conversation once, at its time, and the limit is what was asked for.
import { describe, expect, test } from 'vitest';
import { sharesOf } from './share-plan.js';

const plan = (count: number) => ({
  conversations: Array.from({ length: count }, (_, index) => [{ index, prompt: [1], inputTokens: 1, outputTokens: 1 }]),
  offsets: Float64Array.from({ length: count }, (_, i) => i * 1.5),
});
const indices = (shares: ReturnType<typeof sharesOf>): number[][] => shares.map(({ conversations }) => conversations.map(({ turns }) => turns[0]!.index));

describe('sharesOf', () => {
  test('at a rate, request i goes to agent i mod N at its time', () => {
    const shares = sharesOf({ ...plan(7), isClosedLoop: false }, 3);
    expect(indices(shares)).toEqual([[0, 3, 6], [1, 4], [2, 5]]);
    for (const { conversations, maxConcurrency } of shares) {
      expect(maxConcurrency).toBeUndefined();
      for (const { offset, turns } of conversations) expect(offset).toBe(turns[0]!.index * 1.5);
    }
  });

  test('a limit is split, and in a closed loop who has more slots has more to send', () => {
    const shares = sharesOf({ ...plan(15), maxConcurrency: 5, isClosedLoop: true }, 2);
    expect(shares.map(({ maxConcurrency }) => maxConcurrency)).toEqual([3, 2]);
    expect(indices(shares)).toEqual([[0, 2, 4, 5, 7, 9, 10, 12, 14], [1, 3, 6, 8, 11, 13]]);
  });

  test.each([false, true])('fewer slots than agents leave the last agents without work (closed loop: %s)', (isClosedLoop) => {
    const shares = sharesOf({ ...plan(4), maxConcurrency: 2, isClosedLoop }, 3);
    expect(shares.map(({ maxConcurrency, conversations }) => [maxConcurrency, conversations.length])).toEqual([[1, 2], [1, 2], [expect.closeTo(0), 0]]);
  });
});
