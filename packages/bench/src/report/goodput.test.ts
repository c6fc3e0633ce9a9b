import { expect, test } from 'vitest';
import type { Latencies } from '../client/timeline.js';
import { attainmentOf, isGood } from './goodput.js';

const request = (latencies: Partial<Latencies>, outputTokens = 5) => ({ outputTokens, latencies: { ttft: 100, tpot: 20, e2el: 180, itl: [20, 20, 20, 20], icl: [], queue: 0, ...latencies } });
const AT_ONCE = { requestRate: Infinity };

test('a request is good when it keeps every limit, borders included', () => {
  expect(isGood(request({}), { goodput: { ttft: 100, tpot: 20, itl: 20, e2el: 180 }, ...AT_ONCE })).toBe(true);
  for (const goodput of [{ ttft: 99 }, { tpot: 19 }, { e2el: 179 }, { ttft: 1000, e2el: 179 }]) expect(isGood(request({}), { goodput, ...AT_ONCE })).toBe(false);
});

test('one long gap in twenty passes the limit for gaps, two do not', () => {
  const gaps = (numLong: number) => Array.from({ length: 41 }, (_, i) => (i < numLong ? 500 : 10));
  expect(isGood(request({ itl: gaps(2) }), { goodput: { itl: 30 }, ...AT_ONCE })).toBe(true);
  expect(isGood(request({ itl: gaps(3) }), { goodput: { itl: 30 }, ...AT_ONCE })).toBe(false);
});

test('at a given rate the wait before sending counts, in a closed loop it does not', () => {
  const late = request({ queue: 50 });
  expect(isGood(late, { goodput: { ttft: 120 }, requestRate: 4 })).toBe(false);
  expect(isGood(late, { goodput: { ttft: 120 }, ...AT_ONCE })).toBe(true);
});

test('an answer of one token has no TPOT to miss, one without stream has no TTFT to keep', () => {
  expect(isGood(request({ tpot: undefined, itl: [] }, 1), { goodput: { tpot: 1, itl: 1 }, ...AT_ONCE })).toBe(true);
  expect(isGood(request({ ttft: undefined }), { goodput: { ttft: 1000 }, ...AT_ONCE })).toBe(false);
});

test('attainment is told by limit and jointly, failed requests are misses', () => {
  const completed = [request({}), request({ ttft: 300 }), request({ tpot: 90 })];
  expect(attainmentOf(completed, 4, { goodput: { ttft: 200, tpot: 50 }, ...AT_ONCE })).toEqual({ each: { ttft: 0.5, tpot: 0.5 }, all: 0.25 });
  expect(attainmentOf([], 0, { goodput: { ttft: 200 }, ...AT_ONCE })).toBeUndefined();
});
