import { expect, test } from 'vitest';
import { vllmResult } from '../../test-support/results.js';
import { requestsOfArrays } from '../request-view.js';
import { runView } from '../run-view.js';
import { cdfPoints } from './cdf-section.js';
import { observedSections } from './observed-section.js';
import { inFlight, tokenRate } from './timeline-section.js';

test('a distribution rises from 0 at its smallest sample to 1 at its largest, and thinned it keeps both', () => {
  expect(cdfPoints([3, 1, 2, 2])).toEqual([[1, 0], [1, 0.25], [2, 0.5], [2, 0.75], [3, 1]]);
  const many = cdfPoints(Array.from({ length: 10_000 }, (_, i) => i));
  expect(many.length).toBeLessThan(300);
  expect([many[0], many.at(-1)]).toEqual([[0, 0], [9999, 1]]);
  expect(many.every(([x, y]) => Math.abs(y - x / 10_000) < 1e-3)).toBe(true);
  expect(cdfPoints([])).toEqual([]);
});

const requests = requestsOfArrays(
  vllmResult([
    { start: 10, ttft: 0.25, gaps: [0.5, 0.25] },
    { start: 10.5, ttft: 1, gaps: [0.5] },
    { start: 11, ttft: 0.5, gaps: [], error: 'cut' },
  ]),
)!;
const bins = { start: 10_000, widthMs: 500, count: 4 };

/** Sum of heights times widths; the last point only closes the last bin. */
const area = (points: readonly (readonly [number, number])[]): number => points.slice(0, -1).reduce((sum, [x, y], i) => sum + y * (points[i + 1]![0] - x), 0);

test('every token is in the rate once, in the bin of its read', () => {
  const rate = tokenRate(requests, bins);
  expect(rate).toEqual([[0, 2], [0.5, 2], [1, 2], [1.5, 4], [2, 4]]);
  expect(area(rate)).toBeCloseTo(5, 9);
});

test('requests in flight are averaged over each bin: their area is the time that requests were open', () => {
  const open = inFlight(requests, bins);
  expect(open.map(([, height]) => height)).toEqual([1, 2, 2, 1, 1].map((height) => expect.closeTo(height, 9)));
  expect(area(open)).toBeCloseTo(1 + 1.5 + 0.5, 9);
});

test('what server and host told is drawn, a line a GPU; what they did not tell has no chart', () => {
  const host = { host: [[0, 0.5, 2 ** 30, 0.1], [1000, 0.7, 2 ** 31, null]], host_columns: ['at_ms', 'cpu_share', 'memory_used_bytes', 'bench_cpu_cores'] };
  const gpu = { gpu: [[0, 0, 90], [0, 1, 10], [1000, 0, 95], [1000, 1, 20]], gpu_columns: ['at_ms', 'index', 'utilization_percent'] };
  const server = { series: [[-50, 0.2, 3, null], [500, 0.4, 5, null]], series_columns: ['at_ms', 'kv_use_share', 'running_requests', 'queued_requests'] };
  const run = runView(vllmResult([{ start: 0, ttft: 1, gaps: [1] }], { trtllm: { host_metrics: { series: { ...host, ...gpu } }, server_metrics: server } }), { label: 'x' }, 'x');
  const titles = observedSections([run], () => 'x').map(({ charts }) => charts.map(({ text }) => [/<figcaption>(.*?)</.exec(text)![1], text.match(/class="line /g)!.length]));
  expect(titles).toEqual([
    [['KV cache used', 1], ['requests running', 1]],
    [['CPU busy', 1], ['memory used', 1], ['GPU busy', 2]],
  ]);
  expect(observedSections([runView(vllmResult([{ start: 0, ttft: 1, gaps: [1] }]), { label: 'x' }, 'x')], () => 'x').flatMap(({ charts }) => charts)).toEqual([]);
});
