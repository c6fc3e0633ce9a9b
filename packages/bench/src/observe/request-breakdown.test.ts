// --save-request-time-breakdown against servers that tell their times as TensorRT-LLM does (examples of its time_breakdown/README.md).
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { BenchInput } from '../bench-options.js';
import { formatReport } from '../report/report-tables.js';
import { runBenchmark } from '../run-benchmark.js';
import { temporaryFile } from '../test-support/planned.js';
import { answeringAfter, serverFor } from '../test-support/scripted-server.js';
import { segmentDistributions, SEGMENTS, segmentsOf } from './request-segments.js';

const SMALL: BenchInput = { tokenizeOnClient: true, vocabSize: 100, numPrompts: 6, inputLen: 4, outputLen: 2, maxConcurrency: 1, client: 'node' };

/** ms by name, rounded to µs. */
function named(record: unknown): Record<string, number> {
  const { ms } = segmentsOf(record)!;
  return Object.fromEntries(SEGMENTS.flatMap(({ name }, i) => (ms[i] === undefined ? [] : [[name, Number(ms[i].toFixed(3))]])));
}

const at = (arrival: number): object => ({ server_arrival_time: arrival, arrival_time: arrival + 0.002, first_scheduled_time: arrival + 0.005, first_token_time: arrival + 0.025, server_first_token_time: arrival + 0.027 });

test('a server alone has four segments, a disaggregated one the others as well', () => {
  expect(named({ request_id: 0, perf_metrics: { timing_metrics: at(1) } })).toEqual({ ctx_preprocessing: 2, ctx_queue: 3, ctx_processing: 20, ctx_postprocessing: 2 });
  const timed = (timing_metrics: object): object => ({ request_id: 3, perf_metrics: { timing_metrics } });
  const record = {
    ctx_perf_metrics: timed({ server_arrival_time: 2, arrival_time: 2.003, first_scheduled_time: 2.008, first_token_time: 2.035, server_first_token_time: 2.038 }),
    gen_perf_metrics: timed({ server_arrival_time: 2.05, arrival_time: 2.052, first_scheduled_time: 2.055, first_token_time: 2.08, server_first_token_time: 2.083 }),
    disagg_server_arrival_time: 1.995,
    disagg_server_first_token_time: 2.09,
  };
  expect(named(record)).toEqual({
    disagg_preprocessing: 5,
    ctx_preprocessing: 3,
    ctx_queue: 5,
    ctx_processing: 27,
    ctx_postprocessing: 3,
    gen_preprocessing: 2,
    gen_queue: 3,
    gen_postprocessing: 28,
    disagg_postprocessing: 7,
  });
  expect(segmentsOf(record)).toMatchObject({ requestId: 3, arrival: 1.995 });
});

test('times that are missing, zero or none leave their segments out, and records without any are none', () => {
  expect(named({ perf_metrics: { timing_metrics: { ...at(1), server_arrival_time: 0, first_token_time: null } } })).toEqual({ ctx_queue: 3 });
  for (const record of [null, [], {}, { perf_metrics: {} }, { perf_metrics: { timing_metrics: { arrival_time: 1 } } }]) expect(segmentsOf(record)).toBeUndefined();
  expect(segmentDistributions([])).toEqual([]);
});

/** A server that keeps the times of its last `size` requests until they are read. */
async function telling(size: number): Promise<string> {
  const ring: unknown[] = [];
  let asked = 0;
  const answer = answeringAfter(0);
  const script: typeof answer = (body, reply, request) => {
    ring.push({ request_id: asked, perf_metrics: { timing_metrics: at(++asked) } });
    ring.splice(0, ring.length - size);
    return answer(body, reply, request);
  };
  const { url } = await serverFor(script, 'scripted', undefined, { '/perf_metrics': () => ring.splice(0) });
  return url;
}

test('the requests that count, and no others, are in the files, the printed block and the result', async () => {
  const dir = dirname(temporaryFile('other', ''));
  const save = { dir, filename: 'run.json', detailed: false, breakdown: true, metadata: {} };
  const report = await runBenchmark({ ...SMALL, baseUrl: await telling(100), numWarmups: 2, serverMetrics: true, save });
  const records = JSON.parse(readFileSync(join(dir, 'run-perf_metrics.json'), 'utf8')) as { request_id: number }[];
  expect(records.map(({ request_id: id }) => id)).toEqual([3, 4, 5, 6, 7, 8]);
  const page = readFileSync(join(dir, 'run-perf_metrics-time_diagram.html'), 'utf8');
  expect(page.match(/<path class="band/g)).toHaveLength(4);
  expect(formatReport(report)).toMatch(/context: queue +│ 3\.00 │ 3\.00 /);
  const result = JSON.parse(readFileSync(join(dir, 'run.json'), 'utf8')) as { trtllm: { request_time_breakdown: unknown } };
  expect(result.trtllm.request_time_breakdown).toMatchObject({ requests: 6, segments_ms: { ctx_processing: { n: 6 }, total: { n: 6 } } });
  expect(report.notes.map(({ code }) => code)).not.toContain('breakdown-count');
});

test('a server that keeps fewer is told apart from one that keeps all', async () => {
  const save = { dir: dirname(temporaryFile('other', '')), detailed: false, breakdown: true, metadata: {} };
  const { notes, observed } = await runBenchmark({ ...SMALL, baseUrl: await telling(4), numWarmups: 1, save });
  expect(observed.breakdown?.requests).toHaveLength(4);
  expect(notes.find(({ code }) => code === 'breakdown-count')?.text).toBe('the server told the times of 4 requests, 6 were answered (perf_metrics_max_requests is how many it keeps)');
});

test('a server without times ends the run before its first request, and leaves no result', async () => {
  const dir = dirname(temporaryFile('other', ''));
  const { url, bodies } = await serverFor(answeringAfter(0));
  const run = runBenchmark({ ...SMALL, baseUrl: url, save: { dir, filename: 'run.json', detailed: false, breakdown: true, metadata: {} } });
  await expect(run).rejects.toMatchObject({ code: 'BAD_FLAG', message: expect.stringContaining('/perf_metrics: expected a list of requests; a TensorRT-LLM server tells there with return_perf_metrics: true') as string });
  expect(bodies).toHaveLength(1);
  expect(existsSync(join(dir, 'run.json'))).toBe(false);
});
