import { expect, test } from 'vitest';
import { sevenNumbers } from './seven-numbers.js';
import { outputJson, requestJson, staticReportJson } from './static-json.js';
import { STATIC_INPUT as INPUT, STATIC_RECORDS as RECORDS, MACHINE } from '../test-support/static-run.js';
import { staticReport } from './static-report.js';
import { staticText } from './static-text.js';

test('percentiles are one rank above the interpolated ones, as the reference’s', () => {
  expect(sevenNumbers([4, 1, 3, 2])).toEqual({ p50: 3, p90: 4, p95: 4, p99: 4, minimum: 1, maximum: 4, average: 2.5 });
  const hundred = Array.from({ length: 100 }, (_, i) => i);
  expect(sevenNumbers(hundred)).toMatchObject({ p50: 50, p90: 90, p95: 95, p99: 99 });
});

test('figures are those of the reference’s formulae', () => {
  const report = staticReport(INPUT, RECORDS);
  expect(report).toMatchObject({
    total_ms: 400,
    request_throughput: 5,
    output_throughput: 10,
    total_throughput: 110,
    user_throughput: (3 / 0.2 + 1 / 0.3) / 2,
    concurrency: 500 / 400,
    issue_rate: 20,
    ttft_ms: { average: 200, minimum: 100 },
    tpot_ms: { average: 50 },
    generation_throughput: { average: 20 },
    latency_ms: { average: 250 },
  });
});

test('shares are least times over those measured', () => {
  const { whole, request, prefill, decode } = staticReport(INPUT, RECORDS).shares!;
  // Two at once: three steps of 10 ms against 42 tokens of 1 ms.
  expect(whole).toMatchObject({ limit: { memory_s: 0.03, arithmetic_s: 0.042 }, measured_s: 0.4, bound: 'avx2 fp32 1000 GFLOP/s' });
  expect(whole.fraction).toBeCloseTo(0.042 / 0.4, 12);
  expect(prefill.fraction).toBeCloseTo(0.04 / 0.4, 12);
  expect(decode).toMatchObject({ tokens: 2, bound: 'DRAM 100.0 GB/s' });
  expect(decode!.fraction).toBeCloseTo(0.02 / 0.1, 12);
  expect(request.fraction).toBeCloseTo(0.06 / 0.5, 12);
  expect(staticReport({ ...INPUT, concurrency: 1 }, RECORDS).shares!.whole.limit.seconds).toBeCloseTo(0.06, 12);
});

test('the text has the reference’s sections and labels, each speed with its limit', () => {
  const text = staticText(staticReport(INPUT, RECORDS));
  expect(text.split('\n').filter((line) => line.startsWith('= '))).toEqual([
    '= ENGINE DETAILS',
    '= MACHINE DETAILS',
    '= REQUEST DETAILS',
    '= WORLD + RUNTIME INFORMATION',
    '= PERFORMANCE OVERVIEW',
    '= DATASET DETAILS',
    "= SHARE OF THE MACHINE'S LIMIT",
  ]);
  expect(text).toMatch(/^={59}\n= ENGINE DETAILS\n={59}\nModel: +tiny$/m);
  expect(text).toMatch(/^Total Output Throughput \(tokens\/sec\): +10\.0000 +\(10\.5 % of limit: avx2 fp32 1000 GFLOP\/s\)$/m);
  expect(text).toMatch(/^Average time-per-output-token \[TPOT\] \(ms\): +50\.0000 +\(20\.0 % of limit of one alone: DRAM 100\.0 GB\/s\)$/m);
  expect(text).toMatch(/^Issue Rate \(req\/sec\): +2\.0000E\+1$/m);
  expect(text).toContain('[TTFT] MINIMUM: 100.0000\n[TTFT] MAXIMUM: 300.0000\n[TTFT] AVERAGE: 200.0000\n[TTFT] P50    : 300.0000');
  expect(text).toContain('[Latency] P50    : 300.0000\n[Latency] P90    : 300.0000');
});

test('without streaming nothing is said of first tokens, without a roofline nothing of limits', () => {
  const text = staticText(staticReport({ ...INPUT, streaming: false, measured: [] }, RECORDS));
  expect(text).not.toMatch(/TTFT|TPOT|GTPS|of limit/);
  expect(text).toContain('not measured');
  expect(staticReportJson(staticReport({ ...INPUT, streaming: false }, RECORDS))).not.toHaveProperty('streaming_metrics');
});

test('result files have the reference’s names', () => {
  const json = staticReportJson(staticReport(INPUT, RECORDS));
  expect(json).toMatchObject({
    engine: { model: 'tiny', backend: 'TRT', dtype: 'bfloat16', quantization: null },
    machine: { name: 'A CPU', 'memory.total': 16 },
    world_info: { tp_size: 1, world_size: 1, kv_cache_percentage: 90, issue_rate: 20 },
    request_info: { num_requests: 2, avg_input_length: 20, avg_output_length: 2 },
    performance: { total_latency_ms: 400, system_output_throughput_tok_s: 10, request_latency_percentiles_ms: { p50: 300 } },
    streaming_metrics: { avg_ttft_ms: 200, avg_tpot_ms: 50 },
    dataset: { max_isl: 30, max_osl: 3, max_sequence_length: 31 },
    trtllm: { kind: 'throughput', limit_shares: { whole: { measured_s: 0.4 } } },
  });
  expect(requestJson(RECORDS, undefined)[0]).toMatchObject({ id: 0, start_timestamp: 1e9, first_token_timestamp: 1.1e9, intertoken_latency: 5e7, decode_iteration: 2, output: null, output_tokens: [5, 6, 7] });
  expect(outputJson(RECORDS, (ids) => ids.join('+'))).toEqual({ 0: '5+6+7', 1: '8' });
});

test('tokens that came in groups are noted, and have no speed when there is one group', () => {
  const grouped = RECORDS.map((record) => ({ ...record, pieces: 1, end: record.first }));
  const report = staticReport(INPUT, grouped);
  expect(report).toMatchObject({ coalescing: 2, generation_throughput: undefined });
  expect(report.shares!.decode).toBeUndefined();
  expect(staticText(report)).toContain('note: 2.00 tokens came at a time');
  expect(staticText(staticReport(INPUT, RECORDS))).not.toContain('note:');
});

test('a machine that changes is noted, and so is a run above its limit', () => {
  const changed = staticText(staticReport({ ...INPUT, measured: [MACHINE, { ...MACHINE, gflops: 500, barrier_ns: 20 }] }, RECORDS));
  expect(changed).toContain('Measured after the run: avx2 fp32 500 GFLOP/s, DRAM 100.0 GB/s');
  expect(changed).toContain('note: the measurements differ by 50 %');
  expect(changed).toContain('barriers of 30 and 20 ns');
  expect(changed).not.toContain('more than 100 %');
  expect(staticText(staticReport({ ...INPUT, measured: [{ ...MACHINE, gflops: 50 }] }, RECORDS))).toContain('note: more than 100 %');
});

test('one request of one token has a report', () => {
  const report = staticReport(INPUT, RECORDS.slice(1));
  expect(report.tpot_ms).toBeUndefined();
  expect(report.shares!.decode).toBeUndefined();
  expect(staticText(report)).toContain('INFINITY');
  expect(staticReportJson(report)).toMatchObject({ world_info: { issue_rate: null }, streaming_metrics: { avg_tpot_ms: null } });
});
