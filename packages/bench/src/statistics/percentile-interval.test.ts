import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { percentileRanks } from './binomial-ranks.js';
import { blockLength } from './block-bootstrap.js';
import { autocorrelation, effectiveSize } from './correlation.js';
import { percentileInterval } from './percentile-interval.js';
import { normalQuantile, studentQuantile } from './student.js';

const ar1 = (rho: number, n: number, seed: string): number[] => {
  const random = seedrandom(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const values = [normal()];
  while (values.length < n) values.push(rho * values.at(-1)! + Math.sqrt(1 - rho * rho) * normal());
  return values;
};

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
    expect(percentileRanks(n, percent)).toEqual({ lower, upper });
  });

  it('mirrors: what bounds p10 from below bounds p90 from above', () => {
    expect(percentileRanks(36, 10)).toEqual({ lower: 1, upper: 37 - percentileRanks(36, 90).lower! });
    expect(percentileRanks(35, 90).upper).toBeUndefined();
  });
});

describe('neighbours that are alike', () => {
  it('are worth N (1 - rho) / (1 + rho) samples', () => {
    expect(effectiveSize(ar1(0, 5000, 'a'))).toBeGreaterThan(4500);
    expect(effectiveSize(ar1(0.5, 20_000, 'b')) / 20_000).toBeCloseTo(1 / 3, 1);
    expect(effectiveSize(ar1(0.8, 20_000, 'c')) / 20_000).toBeCloseTo(1 / 9, 1);
    expect(effectiveSize(Array.from({ length: 50 }, () => 7))).toBe(50);
  });

  it('are drawn in longer blocks', () => {
    expect(blockLength(0, 1000)).toBe(5);
    expect(blockLength(0.5, 1000)).toBe(Math.ceil(1.1447 * Math.cbrt((4 * 0.25 * 1000) / 0.75 ** 2)));
    expect(blockLength(0.99, 1000)).toBe(100);
    expect(blockLength(0.9, 3)).toBe(3);
  });

  it('widen the interval', () => {
    const width = (rho: number): number => {
      const interval = percentileInterval(ar1(rho, 600, 'w'), 50, seedrandom('i'))!;
      return interval.upper - interval.lower;
    };
    expect(width(0.8)).toBeGreaterThan(2 * width(0));
  });

  it('leave too few samples for a high percentile', () => {
    expect(percentileInterval(ar1(0, 400, 'd'), 99, seedrandom('i'))).toBeDefined();
    expect(percentileInterval(ar1(0, 300, 'd'), 99, seedrandom('i'))).toBeUndefined();
  });

  it('correlate as they were made', () => {
    expect(autocorrelation([1, -1, 1, -1, 1, -1], 1)).toBeCloseTo(-5 / 6, 10);
    expect(autocorrelation([3, 3, 3], 1)).toBe(0);
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
