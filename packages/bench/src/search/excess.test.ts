import { expect, test } from 'vitest';
import { excessOf } from './excess.js';

const slo = { metric: 'ttft', percent: 90, limitMs: 100 } as const;

test('it is the logarithm of the percentile over the limit, without the first tenth', () => {
  const samples = [...Array.from({ length: 10 }, () => 5000), ...Array.from({ length: 90 }, () => 150)];
  expect(excessOf(samples, slo)).toBeCloseTo(Math.log(1.5), 12);
  expect(excessOf(samples.map(() => 100), slo)).toBe(0);
});

test('failed requests are slower than any, however many there are', () => {
  const failed = (share: number) => excessOf(Array.from({ length: 200 }, (_, i) => (i % 20 < 20 * share ? Infinity : 50)), slo);
  expect(failed(0.05)).toBeLessThan(0);
  expect(failed(0.2)).toBe(1.2);
  expect(failed(1)).toBe(1.2);
});

test('what is far off is cut short', () => {
  expect(excessOf([1, 1, 1], slo)).toBe(-2.5);
  expect(excessOf([1e6, 1e6], slo)).toBe(1.2);
});
