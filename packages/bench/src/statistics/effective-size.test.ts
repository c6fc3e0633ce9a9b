import { expect, test } from 'vitest';
import { ar1 } from '../test-support/ar1.js';
import { effectiveSize } from './effective-size.js';

test('samples without memory are worth their number, and so are constant ones', () => {
  expect(effectiveSize(ar1(0, 5000, 'a'))).toEqual({ size: 5000, degrees: 4999 });
  expect(effectiveSize(Array.from({ length: 50 }, () => 7))!.size).toBe(50);
  expect(effectiveSize(Array.from({ length: 50 }, (_, i) => i % 2))!.size).toBe(50);
});

test.each([0.5, 0.8, 0.95])('those of AR(%s) are worth N (1 - rho) / (1 + rho)', (rho) => {
  const { size, degrees } = effectiveSize(ar1(rho, 40_000, 'b'))!;
  expect((size / 40_000) * ((1 + rho) / (1 - rho))).toBeCloseTo(1, 0.7);
  expect(degrees).toBeLessThan(size);
});

test('of a trend nothing can be told', () => {
  expect(effectiveSize(Array.from({ length: 400 }, (_, i) => i))).toBeUndefined();
});
