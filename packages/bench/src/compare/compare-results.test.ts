import { expect, test } from 'vitest';
import { compareResults, formatComparison } from './compare-results.js';

const BASE = { model_id: 'm', max_concurrency: 4, output_throughput: 100, median_ttft_ms: 50, p99_ttft_ms: 90, std_ttft_ms: 3, mean_itl_ms: 7 };

test('figures stand side by side, each with its own direction', () => {
  const { figures, differences } = compareResults(BASE, { ...BASE, output_throughput: 97, median_ttft_ms: 60 });
  expect(figures.map(({ name, isBetter }) => [name, isBetter])).toEqual([
    ['output_throughput', false],
    ['median_ttft_ms', false],
    ['p99_ttft_ms', false],
    ['mean_itl_ms', false],
  ]);
  expect(figures[0]!.change).toBeCloseTo(-0.03, 10);
  expect(figures[1]!.change).toBeCloseTo(0.2, 10);
  expect(differences).toEqual([]);
});

test('intervals say whether the two are apart', () => {
  const withInterval = (p50: [number, number] | null) => ({ ...BASE, trtllm: { intervals_95_ms: { ttft: { p50 } } } });
  const isApart = (a: [number, number] | null, b: [number, number] | null) => compareResults(withInterval(a), withInterval(b)).figures.find(({ name }) => name === 'median_ttft_ms')!.isApart;
  expect(isApart([45, 55], [56, 65])).toBe(true);
  expect(isApart([45, 55], [54, 65])).toBe(false);
  expect(isApart([45, 55], null)).toBeUndefined();
});

test('what was not the same in both runs is said', () => {
  const text = formatComparison(compareResults({ ...BASE, trtllm: { plan_hash: 'x' } }, { ...BASE, max_concurrency: 8, trtllm: { plan_hash: 'y' } }));
  expect(text).toContain('max_concurrency: 4 and 8; prompts and lengths (plan_hash)');
  expect(text).toMatch(/output_throughput.*100\.00.*100\.00.*\+0\.00 %.*same/);
});

test('files that are no results are refused', () => {
  expect(() => compareResults([], BASE)).toThrow(/file a: expected a result file/);
  expect(() => compareResults(BASE, { trtllm: 3 })).toThrow(/file b: .*trtllm/);
  expect(() => compareResults(BASE, { other: 1 })).toThrow(/no figure in common/);
});
