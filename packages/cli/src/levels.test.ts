import { expect, test } from 'vitest';
import { levels, oneLevel } from './levels.js';

test.each([
  ['16', [16]],
  ['1,4,16', [1, 4, 16]],
  ['1-64:x2', [1, 2, 4, 8, 16, 32, 64]],
  ['1-9:2', [1, 3, 5, 7, 9]],
  ['1-10:3', [1, 4, 7, 10]],
  ['1-100:x4', [1, 4, 16, 64]],
  ['0.1-0.5:0.1', [0.1, 0.2, 0.3, 0.4, 0.5]],
  ['1-3:1, 8-32:x2,inf', [1, 2, 3, 8, 16, 32, Infinity]],
  ['5-5:1', [5]],
  ['2.5', [2.5]],
])('%s is %j', (text, expected) => {
  expect(levels(text, '--request-rate')).toEqual(expected);
});

test.each(['', '1,', '1-8', '8-1:2', '0-8:x2', '1-8:x1', '1-8:0', '1-8:2:3', 'x2', '-3', '1-1000000:1'])('%j is refused by the name of its flag', (text) => {
  expect(() => levels(text, '--max-concurrency')).toThrow('--max-concurrency');
});

test('where one level is of use a list is refused', () => {
  expect(oneLevel('4', '--max-concurrency')).toBe(4);
  expect(oneLevel(undefined, '--max-concurrency')).toBeUndefined();
  expect(() => oneLevel('1,2', '--max-concurrency')).toThrow('--max-concurrency 1,2: expected one level here, found 2');
});
