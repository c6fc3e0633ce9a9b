import { expect, test } from 'vitest';
import { clipped } from './excess.js';
import { foundText } from './search-text.js';

test('a percentile near its limit is told, one far off only by its side', () => {
  expect(foundText(clipped(Math.log(331 / 300)), 300)).toBe('331.0');
  expect(foundText(clipped(Math.log(5000 / 300)), 300)).toBe('> 996.0');
  expect(foundText(clipped(Math.log(1 / 300)), 300)).toBe('< 24.6');
  expect(foundText(clipped(Infinity), 300)).toBe('> 996.0');
});
