// Each fault really made, in whole runs against a scripted server, and named by the verdict.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import type { BenchInput } from '../bench-options.js';
import { reportJson } from '../report/report-json.js';
import type { BenchReport } from '../report/bench-report.js';
import { formatReport } from '../report/report-tables.js';
import { runBenchmark, type BenchHooks } from '../run-benchmark.js';
import { jsonLines } from '../test-support/planned.js';
import { completion, DONE, openStream, scriptedServer, sse, usage, type Script } from '../test-support/scripted-server.js';
import { STORIES_DIR } from '../test-support/tokenizer.js';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0)) await undo();
});

/** Ids, so that the server knows the length of a prompt. */
const IDS: BenchInput = { datasetName: 'random-ids', vocabSize: 400, inputLen: 16, outputLen: 4, testInput: false };

/** What a test changes of a server that waits, then answers with as many pieces as tokens are asked for. */
interface Behaviour {
  waitMs?: (body: any, nth: number) => number | Promise<unknown>;
  /** Beside prompt_tokens and completion_tokens. */
  details?: (body: any) => object;
  countedAs?: (body: any) => [input: number, output: number];
  pieces?: (body: any) => number;
}

function serverThat({ waitMs = () => 10, details, countedAs = (body) => [body.prompt.length, body.max_tokens], pieces = (body) => body.max_tokens }: Behaviour): Script {
  let count = 0;
  return async (body, reply) => {
    const wait = waitMs(body, count++);
    await (typeof wait === 'number' ? sleep(wait) : wait);
    openStream(reply);
    for (let i = 0; i < pieces(body); i++) reply.write(completion('x'));
    const counts = usage(...countedAs(body)) as { usage: object };
    reply.end(sse({ choices: [], usage: { ...counts.usage, ...details?.(body) } }) + DONE);
  };
}

async function runAgainst(behaviour: Behaviour, input: BenchInput, hooks?: BenchHooks): Promise<BenchReport> {
  const server = await scriptedServer(serverThat(behaviour));
  cleanUp.push(() => server.close());
  return runBenchmark({ ...IDS, ...input, baseUrl: server.url }, hooks);
}

/** A machine busy with other things may starve this client too: that is no fault of the test. */
const faultsOf = ({ verdict }: BenchReport): string[] => verdict.findings.map(({ fault }) => fault).filter((fault) => fault !== 'client-starved');
const evidenceOf = ({ verdict }: BenchReport, wanted: string): string => verdict.findings.find(({ fault }) => fault === wanted)?.evidence ?? 'no such finding';

test.for([
  ['a closed loop', { numPrompts: 30, maxConcurrency: 3 }],
  ['a Poisson rate', { numPrompts: 30, requestRate: 60 }],
  ['all at once', { numPrompts: 30 }],
] as const)('%s with nothing wrong', async ([, input]) => {
  expect(faultsOf(await runAgainst({ waitMs: () => 30 }, { ...input, testInput: true }))).toEqual([]);
});

test('a client whose loop is kept busy by other work', async () => {
  const busy = setInterval(() => {
    const until = performance.now() + 40;
    while (performance.now() < until);
  }, 60);
  cleanUp.push(() => clearInterval(busy));
  const report = await runAgainst({}, { numPrompts: 30, requestRate: 30 });
  expect(evidenceOf(report, 'client-starved')).toMatch(/^send lag p99 .* ms, \d+ % of the median TTFT; event loop late p99 /);
  expect(report.verdict.believable).toBe(false);
});

test('a server that gets twice what it can do', async () => {
  let free = Promise.resolve<unknown>(undefined);
  const oneByOne = (): Promise<unknown> => (free = free.then(() => sleep(20)));
  const report = await runAgainst({ waitMs: oneByOne }, { numPrompts: 100, requestRate: 120 });
  expect(faultsOf(report)).toEqual(['saturated']);
  expect(evidenceOf(report, 'saturated')).toMatch(/^waits from the due time grew from .* s each second/);
});

test('prompts that the server has in its cache', async () => {
  const report = await runAgainst({ details: (body) => ({ prompt_tokens_details: { cached_tokens: body.prompt.length / 2 } }) }, { numPrompts: 20, maxConcurrency: 2 });
  expect(faultsOf(report)).toEqual(['cache-hits']);
  expect(evidenceOf(report, 'cache-hits')).toBe('50.0 % of prompt tokens, in 20 of 20 (100.0 %) requests');
});

test('a cache that the server keeps quiet about shows in repeated prompts', async () => {
  const seen = new Set<string>();
  const waitMs = ({ prompt }: { prompt: number[] }): number => (seen.size < seen.add(String(prompt)).size ? 120 : 5);
  const datasetPath = jsonLines(...Array.from({ length: 30 }, (_, i) => ({ input_ids: [5, 6, i + 7], output_tokens: 2 })));
  const settings = { datasetName: 'custom', datasetPath, tokenizeOnClient: true, numPrompts: 60, maxConcurrency: 4 };
  const report = await runAgainst({ waitMs }, settings);
  expect(faultsOf(report)).toEqual(['cache-hits']);
  expect(evidenceOf(report, 'cache-hits')).toMatch(/^2\d of 26 .* repeated prompts were answered sooner than the first time/);
  expect(faultsOf(await runAgainst({}, settings))).toEqual([]);
});

test.for([['a closed loop', { maxConcurrency: 2 }], ['a rate', { requestRate: 25 }]] as const)('a server that is cold when the run begins, in %s', async ([, load]) => {
  let warm: Promise<unknown> | undefined;
  const report = await runAgainst({ waitMs: async () => (await (warm ??= sleep(1000)), sleep(10)) }, { numPrompts: 50, ...load });
  expect(faultsOf(report)).toEqual(['cold-start']);
});

test.for([
  ['prompts', { countedAs: (body) => [body.prompt.length + 3, body.max_tokens] }, /^20 of 20 .* prompts .* such as 19 instead of 16$/],
  ['answers that are too long', { countedAs: (body) => [body.prompt.length, 9], pieces: () => 9 }, /longer than asked for, such as 9 instead of 4/],
  ['answers that are too short', { countedAs: (body) => [body.prompt.length, 2], pieces: () => 2 }, /shorter than asked for in spite of --ignore-eos, such as 2 instead of 4/],
  ['fewer tokens than pieces', { countedAs: (body) => [body.prompt.length, 2], pieces: () => 6 }, /more pieces than .* such as 6 pieces and 2 tokens/],
  ['tokens without text', { pieces: () => 1, countedAs: (body) => [body.prompt.length, 8] }, /8 instead of 4 tokens; the server counts 4\.00 output tokens for each/],
] as [string, Behaviour, RegExp][])('a server that counts otherwise: %s', async ([, behaviour, evidence]) => {
  const report = await runAgainst(behaviour, { numPrompts: 20, maxConcurrency: 2, ignoreEos: true, tokenizerDir: STORIES_DIR });
  expect(faultsOf(report)).toEqual(['token-counts']);
  expect(evidenceOf(report, 'token-counts')).toMatch(evidence);
});

test('requests cut off by the end', async () => {
  const abort = new AbortController();
  const waitMs = (_: unknown, nth: number): number => (nth === 16 && setTimeout(() => abort.abort(), 50), nth % 4 === 3 ? 2000 : 10);
  const report = await runAgainst({ waitMs }, { numPrompts: 40, maxConcurrency: 8 }, { signal: abort.signal });
  expect(faultsOf(report)).toEqual(['cut-tail']);
  expect(evidenceOf(report, 'cut-tail')).toMatch(/requests were cancelled when the run was stopped, \d+ of 40 sent$/);
  expect(report.notes.map(({ code }) => code)).not.toContain('interrupted');
});

test('requests that failed', async () => {
  const server = await scriptedServer((_, reply) => void reply.writeHead(503).end('{"error":{"message":"busy"}}'));
  cleanUp.push(() => server.close());
  const report = await runBenchmark({ ...IDS, numPrompts: 10, maxConcurrency: 1, baseUrl: server.url });
  expect(evidenceOf(report, 'failed-requests')).toBe('10 of 10 (100.0 %), such as http: HTTP 503: busy');
});

test('a monotonic clock that steps back while requests are open', async () => {
  const now = performance.now.bind(performance);
  let step = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now() + step);
  cleanUp.push(() => vi.restoreAllMocks());
  const waitMs = (_: unknown, nth: number): number => ((step = nth < 10 ? 0 : -500), 10);
  expect(evidenceOf(await runAgainst({ waitMs }, { numPrompts: 20, maxConcurrency: 1 }), 'clock-trouble')).toMatch(/^1 of 20 .* a time before the one that it follows; the wall clock went (49|50)\d ms ahead/);
});

test('a wall clock that is set while the run lasts', async () => {
  const wall = Date.now.bind(Date);
  let step = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => wall() + step);
  cleanUp.push(() => vi.restoreAllMocks());
  const report = await runAgainst({ waitMs: () => ((step = 3_600_000), 10) }, { numPrompts: 5, maxConcurrency: 1 });
  expect(evidenceOf(report, 'clock-trouble')).toBe('the wall clock went 3600000 ms ahead of the monotonic one');
});

test('the verdict ends what is printed, as one line, and is in the result file', async () => {
  const report = await runAgainst({ countedAs: (body) => [body.prompt.length + 3, body.max_tokens] }, { numPrompts: 5, maxConcurrency: 1 });
  expect(formatReport(report).trimEnd().split('\n').at(-1)).toMatch(/^Verdict: NOT believable: .*token counts disagree \(5 of 5 .*\): give the served model's own --tokenizer$/);
  const finding = { fault: 'token-counts', evidence: expect.any(String), mend: expect.any(String) };
  expect(reportJson(report)).toMatchObject({ trtllm: { verdict: { believable: false, findings: expect.arrayContaining([finding]) } } });
  expect(formatReport({ ...report, verdict: { believable: true, findings: [] } })).toMatch(/\nVerdict: believable\n$/);
});
