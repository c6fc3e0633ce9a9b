import { expect, test } from 'vitest';
import { latenciesOf, type Timeline } from './timeline.js';

function timeline(stamps: number[], tokens: number[], more: Partial<Timeline> = {}): Timeline {
  return { scheduled: 0, sent: 0, stamps, tokens, done: stamps.at(-1) ?? 0, ...more };
}

// Expected values: the numbered test vectors of the benchmark definitions, worked out by hand.

test('four events of four tokens share their waits among the tokens', () => {
  const got = latenciesOf(timeline([100, 140, 180, 220], [4, 4, 4, 4]), 16);
  expect(got).toMatchObject({ ttft: 100, e2el: 220, tpot: 8, icl: [40, 40, 40] });
  expect(got.itl).toEqual([0, 0, 0, ...Array.from({ length: 12 }, () => 10)]);
});

test('events of one read have one stamp and share one gap', () => {
  const got = latenciesOf(timeline([100, 110, 120, 120], [1, 1, 1, 1]), 4);
  expect(got).toMatchObject({ ttft: 100, e2el: 120, icl: [10, 10], itl: [10, 5, 5] });
  expect(got.tpot).toBeCloseTo(20 / 3, 10);
});

test('one token has a first token and an end but no gaps', () => {
  expect(latenciesOf(timeline([50], [1]), 1)).toEqual({ ttft: 50, e2el: 50, tpot: undefined, itl: [], icl: [], queue: 0 });
});

test('time between due and sent is queue, not latency', () => {
  expect(latenciesOf(timeline([50], [1], { scheduled: -30 }), 1)).toMatchObject({ queue: 30, ttft: 50 });
});

test('everything in one read is fifteen gaps of zero and no gap between reads', () => {
  const got = latenciesOf(timeline([220, 220, 220, 220], [4, 4, 4, 4]), 16);
  expect(got).toMatchObject({ ttft: 220, e2el: 220, tpot: 0, icl: [], itl: Array.from({ length: 15 }, () => 0) });
});

test('a reply in one piece has an end and nothing else', () => {
  const got = latenciesOf(timeline([], [], { sent: 5, done: 105 }), 7);
  expect(got).toEqual({ e2el: 100, itl: [], icl: [], queue: 5 });
});

test('gaps between tokens sum to last minus first, also where an event completes no token', () => {
  for (const tokens of [[0, 1, 3, 0], [1, 0, 0, 2], [2, 2, 0, 1]]) {
    const numTokens = tokens.reduce((a, b) => a + b);
    const { itl } = latenciesOf(timeline([10, 20, 35, 60], tokens), numTokens);
    expect(itl).toHaveLength(numTokens - 1);
    expect(itl.reduce((a, b) => a + b)).toBeCloseTo(50, 10);
  }
});
