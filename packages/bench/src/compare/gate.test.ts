import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { gateRuns, DEFAULT_GATE, type GateOptions } from './gate.js';
import { formatGate } from './gate-text.js';
import { requestsOfArrays } from '../views/request-view.js';
import { runView } from '../views/run-view.js';
import { storedRun } from './stored-run.js';

const SETTINGS = { model_id: 'm', backend: 'openai', num_prompts: 8, request_rate: 'inf', burstiness: 1, max_concurrency: 4, completed: 8, failed: 0 };
const COUNTS = { duration: 1, total_input_tokens: 8, total_output_tokens: 8, output_throughput: 0, request_throughput: 0, total_token_throughput: 0 };
const stored = (name: string, json: object) => storedRun(runView({ ...COUNTS, ...json }, { label: name }, name, requestsOfArrays(json)));

/** Summaries of runs whose throughput is that of the list. */
const runs = (side: string, throughputs: number[], more: object = {}) =>
  throughputs.map((value, i) => stored(`${side}${i}.json`, { ...SETTINGS, output_throughput: value, median_ttft_ms: 1000 / value, ...more }));
const gate = (a: ReturnType<typeof runs>, b: ReturnType<typeof runs>, options: Partial<GateOptions> = {}) => gateRuns(a, b, { ...DEFAULT_GATE, ...options });

/** One slot, `count` requests of 10 tokens, each taking about `scale` times 100 ms. */
function detailed(seed: string, scale: number, { count = 250, isVllm = false } = {}) {
  const random = seedrandom(seed);
  let at = 0;
  const requests = Array.from({ length: count }, () => {
    const ttft = 0.02 * scale * (0.9 + 0.2 * random());
    const itl = Array.from({ length: 9 }, () => 0.009 * scale * (0.9 + 0.2 * random()));
    const e2el = itl.reduce((sum, gap) => sum + gap, ttft);
    const start = at;
    at += e2el;
    return { start, ttft, itl, e2el };
  });
  const e2els = requests.map(({ e2el }) => e2el);
  return stored(`${seed}.json`, {
    ...SETTINGS,
    num_prompts: count,
    completed: count,
    output_throughput: (10 * count) / at,
    median_ttft_ms: 20 * scale,
    median_tpot_ms: 9 * scale,
    median_e2el_ms: 101 * scale,
    output_lens: requests.map(() => 10),
    ttfts: requests.map(({ ttft }) => ttft),
    itls: requests.map(({ itl }) => itl),
    start_times: requests.map(({ start }) => start),
    errors: requests.map(() => ''),
    ...(isVllm ? {} : { e2els }),
  });
}

describe('several runs a side', () => {
  it('decide by what differs from run to run', () => {
    const base = runs('a', [100, 101, 99, 100, 100.5]);
    expect(gate(base, runs('b', [95, 94, 96, 95, 95.5]))).toMatchObject({ verdict: 'fail', from: 'runs', runs: { baseline: 5, candidate: 5 } });
    expect(gate(base, runs('b', [100.2, 99.5, 100.9, 99.9, 100])).verdict).toBe('pass');
    expect(gate(base, runs('b', [120, 121, 119, 120, 122])).verdict).toBe('pass');
    const loud = gate(base, runs('b', [90, 108, 95, 110, 99]));
    expect(loud.verdict).toBe('undecided');
    expect(loud.notes.join()).toMatch(/to decide 3 % in nine of ten cases it takes about \d+ runs a side/);
    const chaos = gate(runs('a', [100, 900]), runs('b', [500, 20]));
    expect(chaos.notes.join()).toMatch(/cannot decide 3 %: the machine is too noisy/);
    expect(formatGate(chaos, 0.03)).toMatch(/to over 1000 %/);
  });

  it('pass a loss that is sure but smaller than the threshold', () => {
    const result = gate(runs('a', [100, 100.1, 99.9, 100]), runs('b', [99, 99.1, 98.9, 99]));
    expect(result.verdict).toBe('pass');
    expect(result.figures[0]!.interval!.lower).toBeGreaterThan(0);
  });

  it('show the other figures beside the one that decides', () => {
    const { figures } = gate(runs('a', [100, 101, 99]), runs('b', [95, 94, 96]), { metric: 'ttft' });
    expect(figures.map(({ metric }) => metric)).toEqual(['ttft', 'output_throughput']);
    expect(figures[0]!.loss).toBeCloseTo(100 / 95 - 1, 2);
    expect(figures[1]!.loss).toBeCloseTo(100 / 95 - 1, 2);
  });
});

describe('one run a side', () => {
  const base = detailed('base', 1);
  it.each(['output_throughput', 'ttft', 'tpot', 'e2el'] as const)('decides by its requests in %s, and says that drift is not seen', (metric) => {
    const worse = gate([base], [detailed('worse', 1.06)], { metric });
    expect(worse).toMatchObject({ verdict: 'fail', from: 'requests' });
    expect(worse.figures[0]!.loss).toBeCloseTo(0.06, 1.5);
    expect(worse.notes.join()).toMatch(/machine did differently .* not in the interval/);
    expect(gate([base], [detailed('same', 1)], { metric }).verdict).toBe('pass');
  });

  it("reads vLLM's files, which have no end-to-end latencies", () => {
    const [ours, theirs] = [detailed('x', 1), detailed('x', 1, { isVllm: true })];
    expect(theirs.requests[7]!.e2el).toBeCloseTo(ours.requests[7]!.e2el, 9);
  });

  it('leaves failed requests out of the samples', () => {
    const { requests } = stored('f', { ...SETTINGS, output_lens: [2, 0, 2], ttfts: [0.1, 0, 0.1], itls: [[0.1], [], [0.2]], e2els: [0.2, 0, 0.3], errors: ['', 'boom', ''] });
    expect(requests.map(({ e2el }) => e2el)).toEqual([200, 300]);
  });

  it('is undecided without its requests', () => {
    const result = gate(runs('a', [100]), runs('b', [90]));
    expect(result.verdict).toBe('undecided');
    expect(result.notes.join()).toMatch(/two runs a side or more, or the requests of each run/);
  });
});

describe('what is not the same thing', () => {
  it.each([
    [{ failed: 2 }, /b0\.json: 2 of 10 requests failed/],
    [{ max_concurrency: 8 }, /max_concurrency is 4 in a0\.json and 8 in b0\.json/],
    [{ trtllm: { interrupted: true } }, /b0\.json: the run was cut short/],
    [{ trtllm: { verdict: { believable: false, findings: [{ fault: 'client-starved', evidence: 'late', mend: 'another machine' }] } } }, /b1\.json: not believable, client-starved \(late\)/],
    [{ trtllm: { config: { seed: 2, input_len: 7 }, machine: { cpu: 'x' } } }, /input_len is 5 .* 7 in b0\.json; machine cpu is y/],
  ])('is refused: %j', (more, message) => {
    const base = runs('a', [100, 101], { trtllm: { config: { seed: 1, input_len: 5 }, machine: { cpu: 'y' } } });
    const other = runs('b', [100, 101], more);
    expect(() => gate(base, other)).toThrow(message);
    expect(gate(base, other, { force: true }).notes.join('; ')).toMatch(message);
  });

  it('is named where a file lacks the figure', () => {
    expect(() => gate(runs('a', [100, 101]), runs('b', [100, 101]), { metric: 'tpot' })).toThrow('--metric tpot: not in all files');
  });
});

it('says the verdict in its last line', () => {
  const text = formatGate(gate(runs('a', [100, 101, 99, 100]), runs('b', [95, 94, 96, 95])), 0.03);
  expect(text.split('\n').at(-1)).toMatch(/^regression: candidate is 5\.\d\d % worse in output_throughput \(98 %: [\d.]+ to [\d.]+ % worse\), 4 and 4 runs, threshold 3 %$/);
  expect(text).toMatch(/output_throughput \(decides\) │ +100\.00 │ +95\.00/);
});
