import { expect, test } from 'vitest';
import { distributionOf, minSamples, percentileOf } from './distribution.js';

test('percentiles interpolate between neighbours', () => {
  const { percentiles, ...rest } = distributionOf([4, 1, 3, 2], [50, 90, 99])!;
  expect(rest).toEqual({ n: 4, mean: 2.5, median: 2.5, std: Math.sqrt(1.25), min: 1, max: 4 });
  expect(percentiles.map(({ value }) => Number(value.toFixed(10)))).toEqual([2.5, 3.7, 3.97]);
});

test('timeouts are slower than every sample and censor the percentiles that reach them', () => {
  const sorted = Float64Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
  const at = (p: number) => percentileOf(sorted, p, { count: 2, limit: 5000 });
  expect(at(50)).toMatchObject({ value: 5.5, isCensored: false });
  expect(at(75)).toMatchObject({ value: 7.75, isCensored: false });
  expect(at(80)).toMatchObject({ value: 5000, isCensored: true });
});

test('a percentile is supported from the sample size on that bounds it from above', () => {
  expect([50, 90, 95, 99, 99.9].map(minSamples)).toEqual([6, 36, 72, 368, 3688]);
  const supports = (n: number) => percentileOf(new Float64Array(n), 99).isSupported;
  expect([supports(367), supports(368)]).toEqual([false, true]);
});

test('without samples there is no distribution', () => {
  expect(distributionOf([], [50])).toBeUndefined();
});
