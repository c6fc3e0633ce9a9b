import { expect, test } from 'vitest';
import { temporaryFile } from '../test-support/planned.js';
import { parseLengthLaw, ratioLaw } from './length-law.js';
import { seededRandom } from './seeded-random.js';

const drawn = (law: { draw(random: ReturnType<typeof seededRandom>): number }, n = 4000) => {
  const random = seededRandom(0, 'test');
  return Array.from({ length: n }, () => law.draw(random));
};
const range = (values: number[]) => [Math.min(...values), Math.max(...values)];
const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;

// Bench methods, vector 13.
test('a ratio of 0.2 around 100 is 80 to 120 as vLLM has it, and 20 to 100 as SGLang has it', async () => {
  expect(range(drawn(ratioLaw(100, 0.2)))).toEqual([80, 120]);
  expect(range(drawn(await parseLengthLaw('ratio:100,0.2', 'x')))).toEqual([80, 120]);
  expect(range(drawn(await parseLengthLaw('floor:100,0.2', 'x')))).toEqual([20, 100]);
  expect(range(drawn(await parseLengthLaw('floor:8,0', 'x')))).toEqual([1, 8]);
});

test('a ratio never gives an empty prompt', () => {
  expect(range(drawn(ratioLaw(1, 0.9)))).toEqual([1, 2]);
});

test.each([
  ['7', 7, 0],
  ['uniform:3,9', 6, 0.1],
  ['normal:500,50', 500, 3],
  // exp(0.5²/2) times the median.
  ['lognormal:200,0.5', 200 * Math.exp(0.125), 6],
] as const)('%s has its mean', async (text, expected, tolerance) => {
  expect(Math.abs(mean(drawn(await parseLengthLaw(text, 'x'))) - expected)).toBeLessThanOrEqual(tolerance);
});

test('normal lengths are whole and at least 1', async () => {
  const values = drawn(await parseLengthLaw('normal:1,5', 'x'));
  expect(Math.min(...values)).toBe(1);
  expect(values.every(Number.isInteger)).toBe(true);
});

test('a histogram gives each length its share', async () => {
  const path = temporaryFile('lengths.csv', 'length,count\n10,3\n500,1\n');
  const values = drawn(await parseLengthLaw(`histogram:${path}`, 'x'));
  expect([...new Set(values)].sort((a, b) => a - b)).toEqual([10, 500]);
  expect(Math.abs(values.filter((value) => value === 10).length / 4000 - 0.75)).toBeLessThan(0.021);
});

test.each(['', '0', '1.5', 'uniform:9,3', 'uniform:1', 'ratio:100,1', 'normal:1', 'gauss:1,2', 'histogram:', 'normal:a,b'])('the law "%s" is refused with all that there are', async (text) => {
  await expect(parseLengthLaw(text, 'synthetic-input-len')).rejects.toThrow(`--synthetic-input-len ${text}: expected L, uniform:LOW,HIGH, ratio:L,R`);
});

test('a bad row of a histogram is named', async () => {
  const path = temporaryFile('lengths.csv', 'length,count\n10,3\n5x,1\n');
  await expect(parseLengthLaw(`histogram:${path}`, 'x')).rejects.toThrow(`${path}:3: expected length: a whole number >= 1, found 5x`);
});
