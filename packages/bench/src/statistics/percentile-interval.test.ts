import { describe, expect, it } from 'vitest';
import { ar1 } from '../test-support/ar1.js';
import { percentileRanks } from './binomial-ranks.js';
import type { Interval } from './interval.js';
import { meanInterval } from './mean-interval.js';
import { percentileInterval } from './percentile-interval.js';
import { normalQuantile, studentQuantile } from './student.js';

describe('ranks of a percentile', () => {
  // Exact binomial tails; computed once with an independent implementation and tabulated.
  it.each([
    [30, 50, 10, 21],
    [50, 90, 41, 50],
    [100, 50, 40, 61],
    [100, 99, 97, undefined],
    [500, 99, 490, 500],
    [1000, 95, 936, 964],
    [2000, 99, 1971, 1989],
    [10_000, 99, 9880, 9920],
  ])('of %i samples, p%i lies between %i and %s', (n, percent, lower, upper) => {
    expect(percentileRanks(n, percent)).toMatchObject({ lower, upper });
  });

  it('mirrors: what bounds p10 from below bounds p90 from above', () => {
    expect(percentileRanks(36, 10)).toMatchObject({ lower: 1, upper: 37 - percentileRanks(36, 90).lower! });
    expect(percentileRanks(35, 90).upper).toBeUndefined();
  });
});

/** How many of 200 runs of 600 samples have an interval around what is true; 95 % are 190, and 181 to 197 hold 99.8 % of such counts. */
const covered = (rho: number, interval: (samples: number[]) => Interval | undefined, truth: number): number =>
  Array.from({ length: 200 }, (_, run) => interval(ar1(rho, 600, `run ${run}`))).filter((found) => found && found.lower <= truth && truth <= found.upper).length;

describe('intervals of runs whose neighbours are alike', () => {
  it.each([0, 0.5, 0.8])('hold what is true as often as they say, at AR(%s)', (rho) => {
    for (const [percent, truth] of [[50, 0], [90, 1.28155]] as const) {
      const count = covered(rho, (samples) => percentileInterval(samples, percent), truth);
      expect(count, `p${percent}`).toBeGreaterThanOrEqual(181);
      expect(count, `p${percent}`).toBeLessThanOrEqual(197);
    }
    const count = covered(rho, (samples) => meanInterval(samples), 0);
    expect(count, 'mean').toBeGreaterThanOrEqual(181);
    expect(count, 'mean').toBeLessThanOrEqual(197);
  });

  it('of independent samples lie on the ranks or one inside', () => {
    const samples = ar1(0, 500, 'r');
    const sorted = samples.toSorted((a, b) => a - b);
    const { lower, upper } = percentileInterval(samples, 99)!;
    expect(sorted.findLastIndex((sample) => sample <= lower)).toBe(490 - 1);
    expect(sorted.findIndex((sample) => sample >= upper)).toBe(500 - 1);
  });

  it('are none where too few samples are left of a high percentile, or of a mean', () => {
    expect(percentileInterval(ar1(0, 300, 'd'), 99)).toBeUndefined();
    const tenAlike = ar1(0, 50, 'd').flatMap((value) => Array.from({ length: 10 }, () => value));
    expect(percentileInterval(tenAlike, 50)).toBeDefined();
    expect(percentileInterval(tenAlike, 95)).toBeUndefined();
    expect(meanInterval([3])).toBeUndefined();
    expect(meanInterval(Array.from({ length: 400 }, (_, i) => i))).toBeUndefined();
  });

  it('of a mean are those of Student', () => {
    expect(meanInterval([1, 2, 3, 4, 5])!.upper).toBeCloseTo(3 + 2.776445 * Math.sqrt(2.5 / 5), 5);
  });
});

describe('quantiles', () => {
  it('are those of the printed tables', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959964, 5);
    expect(studentQuantile(0.975, 1)).toBeCloseTo(12.7062, 3);
    expect(studentQuantile(0.975, 5)).toBeCloseTo(2.570582, 5);
    expect(studentQuantile(0.975, 10)).toBeCloseTo(2.228139, 5);
    expect(studentQuantile(0.05, 7)).toBeCloseTo(-1.894579, 5);
    expect(studentQuantile(0.995, 40)).toBeCloseTo(2.704459, 5);
  });
});
