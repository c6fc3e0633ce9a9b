import { expect, test } from 'vitest';
import { bendOf } from './bend.js';

const points = (of: (level: number) => number) => [1, 2, 4, 8, 16, 32, 64].map((level) => ({ level, value: of(level) }));

test('throughput that grows with the level up to a batch of eight and then no more bends at eight', () => {
  expect(bendOf(points((level) => 100 * Math.min(level, 8)))).toBe(8);
});

test('a straight line in ln(level), a flat one and two points have no bend', () => {
  expect(bendOf(points((level) => 10 * Math.log2(level)))).toBeUndefined();
  expect(bendOf(points(() => 50))).toBeUndefined();
  expect(bendOf(points((level) => level).slice(0, 2))).toBeUndefined();
});

test('throughput that falls again has its bend at the top', () => {
  expect(bendOf(points((level) => (level <= 16 ? level : 16 - level / 8)))).toBe(16);
});
