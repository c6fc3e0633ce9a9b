import { expect, test } from 'vitest';
import { normal, seededRandom } from '../plan/seeded-random.js';
import { warmUpCut } from './mser.js';

const random = seededRandom(1, 'mser');
const noise = (length: number, level = 10) => Array.from({ length }, () => level + normal(random));

/** The definition, word for word. */
function byDefinition(samples: number[]): number {
  const batches = Array.from({ length: Math.floor(samples.length / 5) }, (_, i) => samples.slice(5 * i, 5 * i + 5).reduce((a, b) => a + b) / 5);
  const m = batches.length;
  const errors = Array.from({ length: Math.floor(m / 2) + 1 }, (_, d) => {
    const left = batches.slice(d);
    const mean = left.reduce((a, b) => a + b) / left.length;
    return left.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (m - d) ** 2;
  });
  return 5 * errors.indexOf(Math.min(...errors));
}

test('the cut is that of the definition', () => {
  for (const samples of [noise(63), [...noise(40, 50), ...noise(160)], [...noise(7, 90), ...noise(33)], noise(10)]) expect(warmUpCut(samples)).toBe(byDefinition(samples));
});

test('a slow start is cut off whole, and little more', () => {
  for (const slow of [20, 45, 100]) {
    const cut = warmUpCut([...noise(slow, 40), ...noise(300)]);
    expect(cut).toBeGreaterThanOrEqual(slow);
    expect(cut).toBeLessThanOrEqual(slow + 30);
  }
});

test('a run that falls to its end is cut at half, never later, and few samples not at all', () => {
  expect(warmUpCut(Array.from({ length: 200 }, (_, i) => 1000 - i))).toBe(100);
  expect(warmUpCut([3, 2, 1])).toBe(0);
  expect(warmUpCut([])).toBe(0);
});
