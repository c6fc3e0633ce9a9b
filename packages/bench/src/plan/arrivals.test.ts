import { expect, test } from 'vitest';
import { planArrivals } from './arrivals.js';

function gapStatistics(offsets: Float64Array): { meanS: number; cv2: number } {
  const gaps = Array.from(offsets.subarray(1), (offset, i) => (offset - offsets[i]!) / 1000);
  const meanS = gaps.reduce((a, b) => a + b) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - meanS) ** 2, 0) / gaps.length;
  return { meanS, cv2: variance / meanS ** 2 };
}

const plan = (burstiness: number, numPrompts = 100_001) => planArrivals({ numPrompts, requestRate: 10, burstiness, seed: 0 });

test.each([
  [0.25, 4, 0.3],
  [1, 1, 0.05],
  [4, 0.25, 0.02],
])('gaps of burstiness %s have the mean of the rate and squared variation %s', (burstiness, cv2, tolerance) => {
  const got = gapStatistics(plan(burstiness));
  expect(Math.abs(got.meanS - 0.1)).toBeLessThan(0.002);
  expect(Math.abs(got.cv2 - cv2)).toBeLessThan(tolerance);
});

test('Poisson gaps follow the exponential law', () => {
  const offsets = plan(1);
  const gaps = Array.from(offsets.subarray(1), (offset, i) => (offset - offsets[i]!) / 1000).sort((a, b) => a - b);
  const distance = Math.max(...gaps.map((gap, i) => Math.abs(1 - Math.exp(-10 * gap) - (i + 0.5) / gaps.length)));
  expect(distance).toBeLessThan(1.63 / Math.sqrt(gaps.length)); // Kolmogorov-Smirnov, 1 %
});

test('infinite burstiness is a constant rate and an infinite rate is all at once', () => {
  expect([...plan(Infinity, 4)]).toEqual([0, 100, 200, 300]);
  expect([...planArrivals({ numPrompts: 3, requestRate: Infinity, burstiness: 1, seed: 0 })]).toEqual([0, 0, 0]);
});

test('the seed decides the plan', () => {
  expect(plan(1, 50)).toEqual(plan(1, 50));
  expect(planArrivals({ numPrompts: 50, requestRate: 10, burstiness: 1, seed: 1 })).not.toEqual(plan(1, 50));
});
