import { expect, test } from 'vitest';
import type { ArrivalOptions } from './arrival-options.js';
import { planArrivals } from './arrivals.js';

const AT_ONCE: ArrivalOptions = { seed: 0, requestRate: Infinity, burstiness: 1, rescaleArrivals: false };
const EVENLY = { burstiness: Infinity };
const plan = (options: Partial<ArrivalOptions>, numRequests: number) => planArrivals({ ...AT_ONCE, ...options }, Array.from({ length: numRequests }, () => ({})));
const ofBurstiness = (burstiness: number, numRequests = 100_001) => plan({ requestRate: 10, burstiness }, numRequests);
const gapsS = (offsets: Float64Array) => Array.from(offsets.subarray(1), (offset, i) => (offset - offsets[i]!) / 1000);
const countBetween = (offsets: Float64Array, fromS: number, toS: number) => offsets.filter((at) => at >= 1000 * fromS && at < 1000 * toS).length;

// Bench methods: 100,000 gaps at 10 requests a second have mean 0.1 ± 0.002 and squared variation 1/b, at b = 0.25 within 0.3.
test.each([
  [0.25, 4, 0.3],
  [1, 1, 0.05],
  [4, 0.25, 0.02],
])('gaps of burstiness %s have the mean of the rate and squared variation %s', (burstiness, cv2, tolerance) => {
  const gaps = gapsS(ofBurstiness(burstiness));
  const meanS = gaps.reduce((a, b) => a + b) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - meanS) ** 2, 0) / gaps.length;
  expect(Math.abs(meanS - 0.1)).toBeLessThan(0.002);
  expect(Math.abs(variance / meanS ** 2 - cv2)).toBeLessThan(tolerance);
});

test('Poisson gaps follow the exponential law', () => {
  const gaps = gapsS(ofBurstiness(1)).sort((a, b) => a - b);
  const distance = Math.max(...gaps.map((gap, i) => Math.abs(1 - Math.exp(-10 * gap) - (i + 0.5) / gaps.length)));
  expect(distance).toBeLessThan(1.63 / Math.sqrt(gaps.length)); // Kolmogorov-Smirnov, 1 %
});

test('counts of a Poisson plan in windows of 10 gaps vary as their mean, also in the share of one of four senders', () => {
  const offsets = ofBurstiness(1);
  for (const [share, windowS] of [[offsets, 1], [offsets.filter((_, i) => i % 4 === 0), 4]] as const) {
    const counts = new Map<number, number>();
    for (const at of share) counts.set(Math.floor(at / 1000 / windowS), (counts.get(Math.floor(at / 1000 / windowS)) ?? 0) + 1);
    const numWindows = Math.floor(share.at(-1)! / 1000 / windowS);
    const mean = share.length / numWindows;
    const variance = Array.from({ length: numWindows }, (_, i) => ((counts.get(i) ?? 0) - mean) ** 2).reduce((a, b) => a + b) / numWindows;
    const deviation = 3 * Math.sqrt(2 / (numWindows - 1));
    // Every fourth arrival of a Poisson process has gaps of gamma shape 4: dispersion 1/4.
    expect(Math.abs((variance / mean) * (share === offsets ? 1 : 4) - 1)).toBeLessThan(share === offsets ? deviation : 0.25);
  }
});

test('infinite burstiness is a constant rate and an infinite rate is all at once', () => {
  expect([...ofBurstiness(Infinity, 4)]).toEqual([0, 100, 200, 300]);
  expect([...plan({}, 3)]).toEqual([0, 0, 0]);
});

test('the seed decides the plan', () => {
  expect(ofBurstiness(1, 50)).toEqual(ofBurstiness(1, 50));
  expect(plan({ requestRate: 10, seed: 1 }, 50)).not.toEqual(ofBurstiness(1, 50));
});

test('rescaled arrivals end at N / rate', () => {
  const offsets = plan({ requestRate: 10, rescaleArrivals: true }, 50);
  expect(offsets.at(-1)).toBeCloseTo(5000, 9);
  expect(offsets[0]).toBe(0);
});

// From 2 to 10 a second, 601 requests. Linear: 100 s at a mean of 6; exponential: c = 8/600, ln 5 / c = 120.7 s.
test.each([
  ['linear', 100, 50, 2 * 50 + 0.5 * 0.08 * 50 ** 2],
  ['exponential', (600 / 8) * Math.log(5), 50, (2 * (Math.exp((8 / 600) * 50) - 1)) / (8 / 600)],
] as const)('a %s ramp goes from the start rate to the end rate in time', (rampUpStrategy, durationS, atS, expectedCount) => {
  const offsets = plan({ ...EVENLY, rampUpStrategy, rampUpStartRps: 2, rampUpEndRps: 10 }, 601);
  expect(offsets.at(-1)! / 1000).toBeCloseTo(durationS, 6);
  expect(Math.abs(countBetween(offsets, 0, atS) - expectedCount)).toBeLessThanOrEqual(1);
  expect(Math.abs(countBetween(offsets, 0, 5) - 11)).toBeLessThanOrEqual(1);
  expect(Math.abs(countBetween(offsets, durationS - 5, durationS) - 49)).toBeLessThanOrEqual(1);
});

test('a ramp may go down, and one that stays is a constant rate', () => {
  const offsets = plan({ ...EVENLY, rampUpStrategy: 'linear', rampUpStartRps: 10, rampUpEndRps: 2 }, 601);
  expect(offsets.at(-1)! / 1000).toBeCloseTo(100, 6);
  expect(countBetween(offsets, 0, 50)).toBeGreaterThan(countBetween(offsets, 50, 101));
  expect([...plan({ ...EVENLY, rampUpStrategy: 'exponential', rampUpStartRps: 4, rampUpEndRps: 4 }, 3)]).toEqual([0, 250, 500]);
});

test('steps of rates hold each for its time, and the last goes on', () => {
  const offsets = plan({ ...EVENLY, rateSteps: [{ rate: 1, seconds: 10 }, { rate: 5, seconds: 10 }, { rate: 2, seconds: 1 }] }, 100);
  expect([countBetween(offsets, 0, 10), countBetween(offsets, 10, 20), countBetween(offsets, 20, 30)]).toEqual([10, 50, 20]);
});

test('a Poisson ramp is one draw through the curve: more arrivals where the rate is higher', () => {
  const offsets = plan({ rampUpStrategy: 'linear', rampUpStartRps: 1, rampUpEndRps: 9 }, 10_001);
  // Over [0, T] the rate's first half holds (1 + 5) / 2 of (1 + 9) / 2: 30 %.
  expect(Math.abs(countBetween(offsets, 0, 1000) - 3000)).toBeLessThan(3 * Math.sqrt(3000));
});

test('requests of a trace are due at its times, faster by the speed-up', () => {
  expect([...planArrivals({ ...AT_ONCE, traceSpeedup: 4 }, [{ arrivalMs: 0 }, { arrivalMs: 100 }, { arrivalMs: 300 }])]).toEqual([0, 25, 75]);
});
