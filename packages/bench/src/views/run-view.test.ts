import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFile } from '../test-support/planned.js';
import { alike, vllmResult } from '../test-support/results.js';
import { percentileText } from './percentile-text.js';
import { readRuns } from './read-runs.js';
import { requestsOfArrays } from './request-view.js';
import { percentileOfRun, runView, samplesOf } from './run-view.js';

const TWO = [
  { start: 50, ttft: 0.1, gaps: [0.02, 0.04] },
  { start: 51, ttft: 0.3, gaps: [0.06] },
];

test("latencies of vLLM's detailed file come from its arrays", () => {
  const json = vllmResult(TWO);
  const requests = requestsOfArrays(json)!;
  const run = runView(json, { label: 'x' }, 'x.json', requests);
  expect(samplesOf(requests, 'ttft')).toEqual([expect.closeTo(100, 6), expect.closeTo(300, 6)]);
  expect(samplesOf(requests, 'tpot')).toEqual([expect.closeTo(30, 6), expect.closeTo(60, 6)]);
  expect(samplesOf(requests, 'itl')).toEqual([expect.closeTo(20, 6), expect.closeTo(40, 6), expect.closeTo(60, 6)]);
  expect(percentileOfRun(run, 'e2el', 50)!.value).toBeCloseTo((160 + 360) / 2, 6);
  expect(run).toMatchObject({ requestRate: Infinity, maxConcurrency: undefined, series: 'org/model' });
});

test('a file without arrays shows the figures it has, and marks those that its sample is too small for', () => {
  const { ttfts: _, ...json } = vllmResult(TWO, { mean_ttft_ms: 9, median_ttft_ms: 8, p99_ttft_ms: 20, request_rate: 4, max_concurrency: 2 });
  const run = runView(json, { label: 'x' }, 'x.json');
  expect(run.latencies.ttft).toMatchObject({ mean: 9, percentiles: [{ p: 50, value: 8, isSupported: false }, { p: 99, value: 20, isSupported: false }] });
  expect(run.latencies.tpot).toBeUndefined();
  expect(run).toMatchObject({ requestRate: 4, maxConcurrency: 2, requests: undefined });
});

test('a percentile that two requests cannot support is refused, one that a file tells all the same is marked', () => {
  const json = vllmResult(TWO);
  const computed = runView(json, { label: 'x' }, 'x.json', requestsOfArrays(json));
  expect([50, 99].map((p) => percentileText(percentileOfRun(computed, 'ttft', p)!))).toEqual(['200*', '–']);
  const bare = vllmResult(TWO, { ttfts: undefined, p99_ttft_ms: 298 });
  const own = (value: number | null) => ({ ...json, trtllm: { latencies_ms: { ttft: { mean: 1, percentiles: [{ p: 99, value, isSupported: false, isCensored: false }] } } } });
  expect([null, 297].map((value) => percentileText(percentileOfRun(runView(own(value), { label: 'x' }, 'x.json'), 'ttft', 99)!))).toEqual(['–', '297*']);
  expect(percentileText(percentileOfRun(runView(bare, { label: 'x' }, 'x.json'), 'ttft', 99)!)).toBe('298*');
});

test('a failed request is in no latency, and keeps its place in time', () => {
  const requests = requestsOfArrays(vllmResult([...TWO, { start: 52, ttft: 0.5, gaps: [], error: 'refused' }]))!;
  expect(requests.map(({ isOk }) => isOk)).toEqual([true, true, false]);
  expect(requests[2]!.timeline).toMatchObject({ sent: 52_000, stamps: [] });
  expect(samplesOf(requests, 'ttft')).toHaveLength(2);
});

test('tokens that came together in one read share the wait for it', () => {
  const [request] = requestsOfArrays(vllmResult([{ start: 0, ttft: 0.1, gaps: [0.04] }], { output_lens: [4] }))!;
  expect(request!.itl).toEqual([0, expect.closeTo(20, 6), expect.closeTo(20, 6)]);
  expect(request!.tpot).toBeCloseTo(40 / 3, 6);
});

test("what is no result is refused with the file's name and the field that is wrong", () => {
  expect(() => runView({ num_prompts: 3 }, { label: 'x' }, 'x.json')).toThrow(/x\.json: expected a result of .*; duration: /);
  expect(() => runView(null, { label: 'x' }, 'x.json')).toThrow(/x\.json: expected a result/);
  expect(() => readRuns([temporaryFile('empty.json', '')])).toThrow(/empty\.json is not JSON/);
  expect(() => readRuns(['/nowhere/x.json'])).toThrow(/cannot read \/nowhere\/x\.json/);
});

test('a file holds one run, a line for each, or the points of a type', () => {
  const result = vllmResult(alike(3, 0.1, 0.01));
  expect(readRuns([temporaryFile('one.json', JSON.stringify(result, null, 2))]).map(({ label }) => label)).toEqual(['one']);
  expect(readRuns([temporaryFile('many.jsonl', `${JSON.stringify(result)}\n${JSON.stringify(result)}\n`)]).map(({ label }) => label)).toEqual(['many:1', 'many:2']);
  const points = [1, 4].map((level) => ({ type: 'concurrency', label: `c-${level}`, ...result, max_concurrency: level }));
  expect(readRuns([temporaryFile('types.json', JSON.stringify({ points }))])).toMatchObject([{ label: 'c-1', group: 'concurrency' }, { label: 'c-4', group: 'concurrency', maxConcurrency: 4 }]);
});

test('files of two directories are two systems', () => {
  const paths = ['a', 'b'].map(() => temporaryFile('c1.json', JSON.stringify(vllmResult(alike(3, 0.1, 0.01)))));
  const series = readRuns(paths).map((run) => run.series);
  expect(new Set(series).size).toBe(2);
});

test('requests are read from the lines beside our own file, a cut last line left out', () => {
  const { ttfts: _, ...json } = vllmResult(TWO);
  const path = temporaryFile('ours.json', JSON.stringify(json));
  const line = { i: 0, outcome: 'ok', sched: 990, send: 1000, done: 1100, osl: 3, stamps_us: [50_000, 20_000, 30_000], k: [1, 1, 1] };
  writeFileSync(join(path, '..', 'ours.requests.jsonl'), `${JSON.stringify(line)}\n${JSON.stringify({ ...line, send: null, outcome: 'cancelled' })}\n{"i": 2, "outc`);
  const [run] = readRuns([path]);
  expect(run!.requests).toMatchObject([{ isOk: true, ttft: 50, tpot: 25, e2el: 100, itl: [20, 30] }]);
});
