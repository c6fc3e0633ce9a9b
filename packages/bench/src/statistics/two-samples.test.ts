import { expect, test } from 'vitest';
import { ar1 } from '../test-support/ar1.js';
import { locationShift, meanShift } from './two-samples.js';

test('means of a few values are compared as Welch has it', () => {
  // Difference 2, squared errors 1/3 and 4/3: degrees (5/3)^2 / (1/18 + 16/18) = 2.94, so t of 2.
  const { shift, interval } = meanShift([1, 2, 3], [2, 4, 6], 0.05);
  expect(shift).toBe(2);
  expect(interval!.upper).toBeCloseTo(2 + 4.302653 * Math.sqrt(5 / 3), 4);
  expect(interval!.lower).toBeCloseTo(2 - 4.302653 * Math.sqrt(5 / 3), 4);
  expect(meanShift([5, 5], [6, 6], 0.05)).toEqual({ shift: 1, error: 0, interval: { lower: 1, upper: 1 } });
});

test('the location shift is the median difference, whatever the tails', () => {
  const base = ar1(0, 300, 'base');
  const later = ar1(0, 300, 'later').map((value, i) => (i % 50 === 0 ? 1e6 : value + 1));
  const { shift, interval } = locationShift(base, later, 0.05);
  expect(Math.abs(shift - 1)).toBeLessThan(0.25);
  // Nearly as narrow as that of the means of normal samples: 1.96 sqrt(2 / 300 · pi / 3).
  expect((interval!.upper - interval!.lower) / 2).toBeCloseTo(0.164, 1);
  expect(interval!.lower).toBeLessThan(1);
  expect(interval!.upper).toBeGreaterThan(1);
});

test('neighbours that are alike widen it, and three samples a side have none', () => {
  const width = (rho: number): number => {
    const { interval } = locationShift(ar1(rho, 600, 'a'), ar1(rho, 600, 'b'), 0.05);
    return interval!.upper - interval!.lower;
  };
  expect(width(0.8)).toBeGreaterThan(2 * width(0));
  expect(locationShift([1, 2], [1, 2], 0.05).interval).toBeUndefined();
});
