import { expect, test } from 'vitest';
import { settleOptions, type BenchInput } from '../bench-options.js';
import { reportJson } from './report-json.js';
import { formatReport } from './report-tables.js';
import { compatBlock } from './report-text.js';
import type { RequestRecord } from '../client/request-record.js';
import { summarize } from './summary.js';

function record(index: number, stamps: number[], more: Partial<RequestRecord> = {}): RequestRecord {
  return {
    index,
    outcome: 'ok',
    timeline: { scheduled: 0, sent: 0, stamps, tokens: stamps.map(() => 1), done: stamps.at(-1) ?? 0 },
    plannedInput: 10,
    serverInput: 10,
    requestedOutput: stamps.length,
    outputTokens: stamps.length,
    outputFrom: 'usage',
    text: 'x',
    ...more,
  };
}

function report(records: RequestRecord[], input: BenchInput = {}) {
  const options = settleOptions({ tokenizerDir: 'models/tiny', numPrompts: records.length, ...input });
  return summarize({ options, model: 'tiny', planHash: 'hash', planNotes: [], expectsCacheHits: false, startedAt: new Date(2026, 0, 2, 3, 4, 5), interrupted: false, records, observed: { notes: [] }, repeats: new Map(), client: { cpuS: 0.5, loopLags: [], sendLags: [], wallDrift: 0 } });
}

/** E2EL 400 and 2000 ms, TTFT 100 and 200 ms; gaps 100 x3 and 600 x3. */
const TWO = [record(0, [100, 200, 300, 400]), record(1, [200, 800, 1400, 2000])];

test('throughput is over the time from first send to last end', () => {
  expect(report(TWO)).toMatchObject({
    durationS: 2,
    completed: 2,
    inputTokens: 20,
    outputTokens: 8,
    requestThroughput: 1,
    outputThroughput: 4,
    totalThroughput: 14,
    userThroughput: (4 / 0.4 + 4 / 2) / 2,
    meanConcurrency: 1.2,
    peakConcurrency: 2,
    peakOutputThroughput: 6,
    coalescing: 1,
    clientCpu: 0.25,
  });
});

test('in a closed loop the steady figure leaves out ramp and tail', () => {
  const shifted = (index: number, sent: number, stamps: number[]) => {
    const made = record(index, stamps);
    made.timeline.sent = sent;
    return made;
  };
  // Two slots: full from 100 on, the last request goes at 900. In between come 500, 700 and 800.
  const records = [shifted(0, 0, [50, 500]), shifted(1, 100, [700, 800, 900]), shifted(2, 500, [950, 2000]), shifted(3, 900, [1500])];
  expect(report(records, { maxConcurrency: 2 }).steadyOutputThroughput).toBeCloseTo(3 / 0.8, 10);
  expect(report(records).steadyOutputThroughput).toBeUndefined();
});

test('a steady figure has an interval, wider where the rate goes up and down', () => {
  // One slot, a request every 100 ms for 20 s; tokens come early or late in each.
  const request = (i: number, offsets: number[]) => {
    const stamps = offsets.map((at) => 100 * i + at);
    return record(i, stamps, { timeline: { scheduled: 100 * i, sent: 100 * i, stamps, tokens: stamps.map(() => 1), done: 100 * i + 99 } });
  };
  const run = (offsetsOf: (i: number) => number[]) => report(Array.from({ length: 200 }, (_, i) => request(i, offsetsOf(i))), { maxConcurrency: 1 });
  const even = run(() => [10, 35, 60, 85]);
  const uneven = run((i) => (Math.sin(i / 3) > 0 ? [10, 30, 40, 50, 60, 80] : [40, 50]));
  expect(even.steadyOutputThroughput).toBeCloseTo(40, 0);
  expect(even.steadyOutputInterval!.upper - even.steadyOutputInterval!.lower).toBeLessThan(1);
  const { lower, upper } = uneven.steadyOutputInterval!;
  expect(lower).toBeLessThan(uneven.steadyOutputThroughput!);
  expect(upper).toBeGreaterThan(uneven.steadyOutputThroughput!);
  expect(upper - lower).toBeGreaterThan(3);
  expect(formatReport(uneven)).toMatch(/all slots were busy: [\d.]+ tok\/s \(95 %: [\d.]+ to [\d.]+\)/);
});

test('latencies are per request, gaps are pooled', () => {
  const { latencies } = report(TWO);
  expect(latencies.ttft).toMatchObject({ n: 2, mean: 150, std: 50 });
  expect(latencies.tpot).toMatchObject({ n: 2, mean: 350 });
  expect(latencies.e2el).toMatchObject({ n: 2, mean: 1200 });
  expect(latencies.itl).toMatchObject({ n: 6, mean: 350, median: 350 });
});

test('failed requests are grouped by reason and left out of every figure but their own', () => {
  const failed = { outcome: 'http', reason: 'HTTP 429: full' } as const;
  const got = report([...TWO, record(2, [], failed), record(3, [], failed), record(4, [10, 20], { outcome: 'truncated', reason: 'cut' })]);
  expect(got).toMatchObject({ completed: 2, failed: 3, outputTokens: 8, lostOutputTokens: 2 });
  expect(got.failures).toEqual([
    { ...failed, count: 2 },
    { outcome: 'truncated', reason: 'cut', count: 1 },
  ]);
  expect(formatReport(got)).toContain('2 x http: HTTP 429: full');
});

test('goodput counts requests that keep every limit, at a given rate from when they were due', () => {
  const goodput = { ttft: 150, e2el: 1000 };
  expect(report(TWO, { goodput }).goodput).toBe(0.5);
  const late = [{ ...TWO[0]!, timeline: { ...TWO[0]!.timeline, scheduled: -60 } }, TWO[1]!];
  expect(report(late, { goodput, requestRate: 5 }).goodput).toBe(0);
  expect(report([record(0, [100])], { goodput: { tpot: 1 } }).goodput).toBe(10);
});

test('one prompt in many that the server counts differently is noted with both counts', () => {
  const got = report([record(0, [1, 2], { serverInput: 12 }), ...Array.from({ length: 99 }, (_, i) => record(i + 1, [1, 2]))]);
  expect(got.notes.map(({ code }) => code)).toContain('input-mismatch');
  expect(formatReport(got)).toContain('planned 10, counted 12');
});

test('a percentile that the sample cannot support is not shown, and a note says what it takes', () => {
  const got = report(TWO);
  expect(formatReport(got)).toMatch(/TTFT +│ +150 │ +150\* │ +– │ +– │/);
  expect(compatBlock(got)).toMatch(/Median TTFT \(ms\): +150\.00 +\nP99 TTFT \(ms\): +– /);
  expect(got.notes.find(({ code }) => code === 'percentile-refused')!.text).toMatch(/p99 takes 368, TTFT has 2, TPOT has 2, ITL has 6, E2EL has 2$/);
  const json = reportJson(got);
  expect(json).toMatchObject({ median_ttft_ms: 150, p99_ttft_ms: null });
  expect(json.trtllm).toMatchObject({ latencies_ms: { ttft: { percentiles: expect.arrayContaining([expect.objectContaining({ p: 99, value: null, isSupported: false, needs: 368 })]) as unknown } } });
});

test('with --force it is shown and marked', () => {
  const got = report(TWO, { forcePercentiles: true });
  expect(formatReport(got)).toMatch(/TTFT +│ +150 │ +150\* │ +190\* │ +199\* │/);
  expect(compatBlock(got)).toMatch(/P99 TTFT \(ms\): +199\.00\* /);
  expect(got.notes.map(({ code }) => code)).toContain('percentile-unsupported');
  expect(reportJson(got).p99_ttft_ms).toBeCloseTo(199, 10);
});

test('the block for scripts is fifty columns with the known labels', () => {
  expect(compatBlock(report(TWO, { goodput: { ttft: 150 }, percentileMetrics: ['ttft', 'itl'], metricPercentiles: [50, 99.9] })).split('\n')).toEqual([
    '============ Serving Benchmark Result ============',
    'Total requests:                          2         ',
    'Successful requests:                     2         ',
    'Failed requests:                         0         ',
    'Benchmark duration (s):                  2.00      ',
    'Total input tokens:                      20        ',
    'Total generated tokens:                  8         ',
    'Request throughput (req/s):              1.00      ',
    'Request goodput (req/s):                 0.50      ',
    'Output token throughput (tok/s):         4.00      ',
    'Total Token throughput (tok/s):          14.00     ',
    'User throughput (tok/s):                 6.00      ',
    '---------------Time to First Token----------------',
    'Mean TTFT (ms):                          150.00    ',
    'Median TTFT (ms):                        150.00    ',
    'P50 TTFT (ms):                           150.00*   ',
    'P99.9 TTFT (ms):                         –         ',
    '---------------Inter-token Latency----------------',
    'Mean ITL (ms):                           350.00    ',
    'Median ITL (ms):                         350.00    ',
    'P50 ITL (ms):                            350.00    ',
    'P99.9 ITL (ms):                          –         ',
    '==================================================',
  ]);
});

test('the file has the names that plot scripts read, ITL as gaps between reads', () => {
  const coalesced = record(0, [100, 140], { outputTokens: 8 });
  coalesced.timeline.tokens = [4, 4];
  const save = { dir: '.', detailed: true, metadata: { host: 'here' } };
  const json = reportJson(report([coalesced], { save, maxConcurrency: 4 }));
  expect(json).toMatchObject({
    date: '20260102-030405',
    backend: 'openai',
    model_id: 'tiny',
    tokenizer_id: 'models/tiny',
    host: 'here',
    num_prompts: 1,
    completed: 1,
    failed: 0,
    request_rate: 'inf',
    burstiness: 1,
    max_concurrency: 4,
    'request_goodput:': null,
    mean_itl_ms: 40,
    p99_e2el_ms: null,
    itls: [[0.04]],
    ttfts: [0.1],
    e2els: [0.14],
    errors: [''],
  });
  expect(json.trtllm).toMatchObject({ schema: 1, interrupted: false, latencies_ms: { itl: { n: 7 }, icl: { n: 1 } } });
});

test('percentiles have intervals where the samples bound them', () => {
  const { trtllm } = reportJson(report(Array.from({ length: 100 }, (_, i) => record(i, [100 + ((i * 37) % 100)])))) as { trtllm: { intervals_95_ms: unknown } };
  expect(trtllm.intervals_95_ms).toMatchObject({ ttft: { p50: [expect.closeTo(139.7, 1), expect.closeTo(159.3, 1)], p99: null }, tpot: {} });
});

test('a run where nothing completed has a report with reasons', () => {
  const got = report([record(0, [], { outcome: 'connect', reason: 'refused' })]);
  expect(got).toMatchObject({ completed: 0, failed: 1, requestThroughput: 0 });
  expect(formatReport(got)).toContain('1 x connect: refused');
});
