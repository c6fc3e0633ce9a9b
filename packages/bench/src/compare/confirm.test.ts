import { expect, test } from 'vitest';
import { compareTwice } from './confirm.js';
import type { Side } from './interleave.js';
import { DEFAULT_SEQUENTIAL } from './sequential-test.js';

/** Throughput: b loses so much in the first pairs, so much after them; every other pair a little more. */
function server(losses: (pair: number) => number) {
  const seen: [Side, number][] = [];
  const measure = async (side: Side, pair: number): Promise<number> => {
    seen.push([side, pair]);
    return side === 'a' ? 100 : 100 / (1 + losses(pair) + 0.001 * (pair % 2));
  };
  return { seen, measure, random: () => 0 };
}

test('a regression that is there is found twice, the second time with plans of its own', async () => {
  const hooks = server(() => 0.1);
  const told: number[] = [];
  const result = await compareTwice(DEFAULT_SEQUENTIAL, false, { ...hooks, onConfirm: ({ pairs }) => told.push(pairs.length) });
  expect(result).toMatchObject({ verdict: 'fail', first: { verdict: 'fail' } });
  expect(told).toEqual([6]);
  expect(hooks.seen.filter(([side]) => side === 'b').map(([, pair]) => pair)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

test('one that passes by is not confirmed', async () => {
  const result = await compareTwice(DEFAULT_SEQUENTIAL, false, server((pair) => (pair < 6 ? 0.1 : 0)));
  expect(result).toMatchObject({ verdict: 'pass', first: { verdict: 'fail' } });
  expect(result.loss).toBeCloseTo(0, 2);
});

test('equal servers are tested once', async () => {
  const hooks = server(() => 0);
  expect((await compareTwice(DEFAULT_SEQUENTIAL, false, hooks)).first).toBeUndefined();
  expect(hooks.seen).toHaveLength(12);
});
