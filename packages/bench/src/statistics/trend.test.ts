import { expect, test } from 'vitest';
import { normal, seededRandom } from '../plan/seeded-random.js';
import { trendOf } from './trend.js';

const random = seededRandom(3, 'trend');

function series(slope: number, rho: number): number[] {
  let state = normal(random);
  return Array.from({ length: 20 }, (_, i) => slope * i + (state = rho * state + Math.sqrt(1 - rho * rho) * normal(random)));
}

const rising = (slope: number, rho: number) => Array.from({ length: 500 }, () => trendOf(series(slope, rho), 0.05)!.isRising).filter(Boolean).length / 500;

test('noise without a slope is called rising in about the wanted share, also where neighbours are alike', () => {
  expect(rising(0, 0)).toBeLessThan(0.09);
  expect(rising(0, 0.5)).toBeLessThan(0.12);
  expect(rising(-0.3, 0)).toBe(0);
});

test('a clear slope is seen', () => {
  expect(rising(0.3, 0)).toBeGreaterThan(0.99);
  expect(rising(0.5, 0.5)).toBeGreaterThan(0.9);
});

test('the slope is that of least squares, a straight line rises for sure, a flat one does not', () => {
  expect(trendOf([1, 3, 5, 7, 9], 0.01)).toEqual({ slope: 2, isRising: true });
  expect(trendOf([4, 4, 4, 4, 4], 0.05)).toEqual({ slope: 0, isRising: false });
  expect(trendOf([1, 2, 3, 4], 0.05)).toBeUndefined();
});
