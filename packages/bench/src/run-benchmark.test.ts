// Whole runs against a scripted server that counts prompts with the model's tokenizer, as a real one does.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { BenchInput } from './bench-options.js';
import type { BenchProgress } from './progress.js';
import { reportJson } from './report/report-json.js';
import { formatReport } from './report/report-tables.js';
import { runBenchmark } from './run-benchmark.js';
import { chat, completion, DONE, openStream, serverFor, sse, usage, type Script } from './test-support/scripted-server.js';
import { STORIES_DIR, storiesTokenizer } from './test-support/tokenizer.js';

const tokenizer = await storiesTokenizer();
const CHAT_TEMPLATE_TOKENS = 7;

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0)) await close();
});

const promptTokens = ({ prompt, messages }: any): number => {
  if (Array.isArray(prompt)) return prompt.length;
  if (messages === undefined) return tokenizer.encode(prompt, { addSpecialTokens: true }).length;
  return tokenizer.encode(messages[0].content, { addSpecialTokens: false }).length + CHAT_TEMPLATE_TOKENS;
};

const goodServer: Script = (body, reply) => {
  const numTokens = body.max_tokens ?? body.max_completion_tokens;
  if (!body.stream) return void reply.end(JSON.stringify({ choices: [{ text: 'abc' }], ...usage(promptTokens(body), numTokens) }));
  openStream(reply);
  for (let i = 0; i < numTokens; i++) reply.write(body.messages ? chat({ content: 'x' }) : completion('x'));
  reply.end(sse({ choices: [], ...usage(promptTokens(body), numTokens) }) + DONE);
};

function dataFile(text: string): string {
  const path = join(resultDir(), 'data');
  writeFileSync(path, text);
  return path;
}

function resultDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'bench-test-'));
  cleanUp.push(() => rmSync(dir, { recursive: true }));
  return dir;
}

const SMALL: BenchInput = { tokenizerDir: STORIES_DIR, numPrompts: 8, inputLen: 24, outputLen: 5, maxConcurrency: 3 };

test('text prompts come out at the server with exactly the wanted length', async () => {
  const server = await serverFor(goodServer);
  const report = await runBenchmark({ ...SMALL, baseUrl: server.url, prefixLen: 8, ignoreEos: true });
  expect(report).toMatchObject({ model: 'scripted', completed: 8, failed: 0, inputTokens: 8 * 32, outputTokens: 40 });
  expect(report.notes.filter(({ code }) => code.startsWith('input'))).toEqual([]);
  expect(server.bodies.at(-1)).toMatchObject({ model: 'scripted', max_tokens: 5, ignore_eos: true, temperature: 0 });
  expect(server.bodies.slice(-8).map(promptTokens)).toEqual(Array.from({ length: 8 }, () => 32));
  expect(report.peakConcurrency).toBeLessThanOrEqual(3);
});

test('what a chat template adds is found by the probe and taken off the text', async () => {
  const server = await serverFor(goodServer);
  const report = await runBenchmark({ ...SMALL, baseUrl: server.url, backend: 'openai-chat' });
  expect(report).toMatchObject({ completed: 8, inputTokens: 8 * 24 });
  expect(server.bodies.slice(-8).map(promptTokens)).toEqual(Array.from({ length: 8 }, () => 24));
  expect(server.bodies.at(-1)).toMatchObject({ max_completion_tokens: 5, stream_options: { include_usage: true } });
  expect(server.bodies.at(-1)).not.toHaveProperty('ignore_eos');
});

test('a server that sends neither usage nor [DONE] is measured by its text, and the report says so', async () => {
  const server = await serverFor((body, reply) => {
    openStream(reply);
    reply.write(chat({ role: 'assistant' }));
    for (let i = 0; i < body.max_completion_tokens; i++) reply.write(chat({ content: ' was' }));
    reply.end(sse({ choices: [{ index: 0, delta: {}, finish_reason: 'length' }] }));
  });
  const report = await runBenchmark({ ...SMALL, baseUrl: server.url, backend: 'openai-chat' });
  expect(report).toMatchObject({ completed: 8, failed: 0, inputTokens: 8 * 24, outputTokens: 40 });
  expect(report.notes.map(({ code }) => code)).toEqual(expect.arrayContaining(['input-unchecked', 'output-from-text']));
});

test('text that tokenizes into more tokens than were asked for is not blamed on the server', async () => {
  const server = await serverFor((_, reply) => {
    openStream(reply);
    reply.end(completion('was was was was was was was') + DONE);
  });
  const { notes, outputTokens } = await runBenchmark({ ...SMALL, baseUrl: server.url });
  expect(outputTokens).toBe(8 * 7);
  expect(notes.map(({ code }) => code)).not.toContain('long-output');
});

test('answers longer than asked for make the run unbelievable', async () => {
  const server = await serverFor((body, reply, request) => goodServer({ ...body, max_tokens: 9 }, reply, request));
  const { verdict } = await runBenchmark({ ...SMALL, baseUrl: server.url });
  expect(verdict.findings.find(({ fault }) => fault === 'token-counts')?.evidence).toContain('longer than asked for');
});

test('a refused ignore_eos ends the run before it began, and the message says what to leave out', async () => {
  const server = await serverFor((body, reply, request) => {
    if (!body.ignore_eos) return goodServer(body, reply, request);
    reply.writeHead(422).end(`{"detail":"Unexpected fields in the request: {'ignore_eos'}"}`);
  });
  await expect(runBenchmark({ ...SMALL, baseUrl: server.url, ignoreEos: true })).rejects.toThrow(/HTTP 422: Unexpected.*leave out --ignore-eos/);
});

test('with --tokenize-on-client ids are sent, a tokenizer is not needed then', async () => {
  const server = await serverFor(goodServer);
  const { tokenizerDir: _, ...rest } = SMALL;
  const report = await runBenchmark({ ...rest, baseUrl: server.url, tokenizeOnClient: true, vocabSize: 300 });
  expect(report).toMatchObject({ completed: 8, inputTokens: 8 * 24 });
  expect(server.bodies.at(-1).prompt).toHaveLength(24);
});

test('what the server tells of tokens a decoding step is in every output, and nothing is where it does not', async () => {
  let asked = 0;
  const server = await serverFor(({ prompt }, reply) => {
    openStream(reply);
    const told = ++asked % 2 === 0 ? 3 : 2;
    const choice = (text: string, avg: number): string => sse({ choices: [{ index: 0, text, finish_reason: null, avg_decoded_tokens_per_iter: avg }] });
    reply.end(choice('ab', 1) + choice('abc', told) + sse({ choices: [], ...usage(promptTokens({ prompt }), 5) }) + DONE);
  });
  const save = { dir: resultDir(), filename: 'r.json', detailed: false, metadata: {} };
  const report = await runBenchmark({ ...SMALL, baseUrl: server.url, testInput: false, metricPercentiles: [50], save });
  expect(report.tokensPerStep).toMatchObject({ n: 8, mean: 2.5, min: 2, max: 3 });
  expect(reportJson(report)['avg_decoded_tokens_per_iter']).toEqual({ mean: 2.5, median: 2.5, std: 0.5, min: 2, max: 3, percentiles: { p50: 2.5 } });
  expect(formatReport(report)).toContain('Avg Decoded Tokens per Iter:             2.50');
  const lines = readFileSync(join(save.dir, 'r.requests.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  expect(lines.map(({ tokens_per_step }) => tokens_per_step).sort()).toEqual([2, 2, 2, 2, 3, 3, 3, 3]);
  const silent = await runBenchmark({ ...SMALL, baseUrl: (await serverFor(goodServer)).url });
  expect(reportJson(silent)['avg_decoded_tokens_per_iter']).toBeNull();
  expect(formatReport(silent)).not.toContain('per Iter');
});

test('adapters are asked for by name, the same for all turns of a conversation and for the same seed', async () => {
  const server = await serverFor(goodServer);
  const options: BenchInput = { ...SMALL, numPrompts: 24, inputLen: 12, loraModules: ['a', 'b'], testInput: false };
  await runBenchmark({ ...options, baseUrl: server.url });
  await runBenchmark({ ...options, baseUrl: server.url });
  const byPrompt = new Map<string, string>();
  for (const { prompt, model } of server.bodies) expect(model).toBe(byPrompt.get(prompt) ?? (byPrompt.set(prompt, model), model));
  expect([...new Set(byPrompt.values())].sort()).toEqual(['a', 'b']);
  const talks = await serverFor(goodServer);
  await runBenchmark({ ...options, baseUrl: talks.url, backend: 'openai-chat', datasetName: 'synthetic', syntheticTurns: 2, syntheticInputLen: '12' });
  const byTalk = new Map<string, string>();
  for (const { messages, model } of talks.bodies) expect(model).toBe(byTalk.get(messages[0].content) ?? (byTalk.set(messages[0].content, model), model));
  expect(byTalk.size).toBe(12);
});

test('without streaming only the end-to-end latency exists', async () => {
  const server = await serverFor(goodServer);
  const { latencies, completed } = await runBenchmark({ ...SMALL, baseUrl: server.url, stream: false });
  expect(completed).toBe(8);
  expect(latencies).toMatchObject({ ttft: undefined, tpot: undefined, itl: undefined, e2el: { n: 8 } });
});

test('sampling fields and the extra body reach the server, the extra body last', async () => {
  const server = await serverFor(goodServer);
  await runBenchmark({ ...SMALL, numPrompts: 1, baseUrl: server.url, sampling: { temperature: 0.5, top_p: 0.9 }, extraBody: { top_p: 0.8, user: 'u' } });
  expect(server.bodies.at(-1)).toMatchObject({ temperature: 0.5, top_p: 0.8, user: 'u' });
});

test('failures are counted and named and do not end the run', async () => {
  let count = 0;
  const server = await serverFor((body, reply, request) => {
    if (count++ % 2 === 1) return void reply.writeHead(503).end('{"error":{"message":"busy"}}');
    return goodServer(body, reply, request);
  });
  const report = await runBenchmark({ ...SMALL, testInput: false, baseUrl: server.url });
  expect(report).toMatchObject({ completed: 4, failed: 4, failures: [{ outcome: 'http', reason: 'HTTP 503: busy', count: 4 }] });
});

test('another tokenizer than the server has is refused before the run', async () => {
  const server = await serverFor((body, reply) => {
    openStream(reply);
    reply.end(completion('x') + sse({ choices: [], ...usage(2 * promptTokens(body), 1) }) + DONE);
  });
  await expect(runBenchmark({ ...SMALL, baseUrl: server.url })).rejects.toMatchObject({ code: 'BAD_FLAG', message: expect.stringContaining('--tokenizer') });
});

test('a server that is not there is named, and so is a test request that fails', async () => {
  await expect(runBenchmark({ ...SMALL, port: 1 })).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE', message: expect.stringContaining('127.0.0.1:1') });
  const server = await serverFor((_, reply) => void reply.writeHead(404).end('{"error":{"message":"no such model"}}'));
  await expect(runBenchmark({ ...SMALL, baseUrl: server.url })).rejects.toMatchObject({
    code: 'BENCH_FAILED_REQUESTS',
    message: expect.stringContaining('HTTP 404: no such model'),
  });
});

test('results are saved: one line a request, and a summary', async () => {
  const server = await serverFor(goodServer);
  const dir = resultDir();
  await runBenchmark({ ...SMALL, baseUrl: server.url, save: { dir, filename: 'run.json', detailed: true, metadata: { note: 'n' } } });
  expect(readdirSync(dir).sort()).toEqual(['run.json', 'run.requests.jsonl']);
  const summary = JSON.parse(readFileSync(join(dir, 'run.json'), 'utf8'));
  expect(summary).toMatchObject({ note: 'n', completed: 8, generated_texts: Array.from({ length: 8 }, () => 'xxxxx'), trtllm: { interrupted: false } });
  const lines = readFileSync(join(dir, 'run.requests.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  expect(lines.map(({ i }) => i).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(lines[0]).toMatchObject({ outcome: 'ok', isl: 24, isl_srv: 24, osl: 5, k: [1, 1, 1, 1, 1] });
});

test('an interrupted run keeps what was done and says that it was interrupted', async () => {
  let count = 0;
  const abort = new AbortController();
  const server = await serverFor((body, reply, request) => {
    if (count++ < 4) return goodServer(body, reply, request);
    openStream(reply);
    reply.write(completion('x'), () => abort.abort());
  });
  const dir = resultDir();
  const save = { dir, filename: 'run.json', detailed: false, metadata: {} };
  const report = await runBenchmark({ ...SMALL, maxConcurrency: 1, testInput: false, baseUrl: server.url, save }, { signal: abort.signal });
  expect(report).toMatchObject({ interrupted: true, completed: 4, cancelled: 1, failed: 0, planned: 8 });
  expect(JSON.parse(readFileSync(join(dir, 'run.json'), 'utf8'))).toMatchObject({ completed: 4, trtllm: { interrupted: true } });
  expect(readFileSync(join(dir, 'run.requests.jsonl'), 'utf8').trim().split('\n')).toHaveLength(5);
});

test('an abort during the test request ends the run before it began', async () => {
  const abort = new AbortController();
  const server = await serverFor(() => abort.abort());
  await expect(runBenchmark({ ...SMALL, baseUrl: server.url }, { signal: abort.signal })).rejects.toMatchObject({ name: 'AbortError' });
});

test('a run that was interrupted before any request ended is not to be believed', async () => {
  const server = await serverFor(goodServer);
  const abort = new AbortController();
  const report = await runBenchmark({ ...SMALL, baseUrl: server.url }, { signal: abort.signal, onProgress: ({ phase }) => phase === 'prompts' && abort.abort() });
  expect(report).toMatchObject({ interrupted: true, completed: 0, failed: 0, verdict: { believable: false } });
  expect(formatReport(report)).toMatch(/Verdict: NOT believable: requests failed \(none of \d+ ended\): let the run go on for longer/);
});

test('progress is told from the probe to the end', async () => {
  const server = await serverFor(goodServer);
  const seen: BenchProgress[] = [];
  await runBenchmark({ ...SMALL, baseUrl: server.url }, { onProgress: (progress) => seen.push(progress) });
  expect([...new Set(seen.map(({ phase }) => phase))]).toEqual(['probe', 'prompts', 'run', 'done']);
  const last = seen.at(-1)!;
  expect(last).toMatchObject({ total: 8, done: 8, failed: 0, running: 0, etaS: 0 });
  expect(last.outputTokensPerS * last.elapsedS).toBeGreaterThanOrEqual(40);
  expect(last.latencies().ttft?.p50).toBeGreaterThan(0);
});

test.each([{ maxConcurrency: 3 }, { maxConcurrency: undefined }, { maxConcurrency: undefined, requestRate: 200 }])('warm-up requests come first, with texts of their own, and do not count (%j)', async (load) => {
  const server = await serverFor(goodServer);
  const seen: BenchProgress[] = [];
  const report = await runBenchmark({ ...SMALL, ...load, baseUrl: server.url, testInput: false, numWarmups: 5 }, { onProgress: (progress) => seen.push(progress) });
  expect(report).toMatchObject({ planned: 8, completed: 8, inputTokens: 8 * 24, outputTokens: 40 });
  expect(report.records.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(report.notes).toContainEqual({ code: 'warm-up', text: '5 requests before the measured ones do not count' });
  expect(server.bodies.map(promptTokens)).toEqual(Array.from({ length: 13 }, () => 24));
  expect(new Set(server.bodies.map(({ prompt }) => prompt)).size).toBe(13);
  expect([...new Set(seen.map(({ phase }) => phase))]).toEqual(['probe', 'prompts', 'warm-up', 'run', 'done']);
  expect(seen.at(-1)).toMatchObject({ total: 8, done: 8, running: 0 });
  const again = await serverFor(goodServer);
  await runBenchmark({ ...SMALL, ...load, baseUrl: again.url, testInput: false });
  expect(new Set(again.bodies.map(({ prompt }) => prompt))).toEqual(new Set(server.bodies.slice(5).map(({ prompt }) => prompt)));
});

test('a custom file is asked whole, its conversations with the answers that came', async () => {
  const server = await serverFor(goodServer);
  const lines = [{ turns: ['Once', 'and then'], output_tokens: 3 }, { messages: [{ role: 'user', content: 'Hi' }], max_tokens: 2, top_p: 0.5 }];
  const datasetPath = dataFile(lines.map((line) => JSON.stringify(line)).join('\n'));
  const report = await runBenchmark({ tokenizerDir: STORIES_DIR, baseUrl: server.url, backend: 'openai-chat', datasetName: 'custom', datasetPath, maxConcurrency: 1 });
  expect(report).toMatchObject({ planned: 3, completed: 3, failed: 0, outputTokens: 8 });
  expect(server.bodies.slice(-3)).toMatchObject([
    { messages: [{ content: 'Once' }], max_completion_tokens: 3 },
    { messages: [{ role: 'user', content: 'Once' }, { role: 'assistant', content: 'xxx' }, { role: 'user', content: 'and then' }] },
    { messages: [{ content: 'Hi' }], max_completion_tokens: 2, top_p: 0.5 },
  ]);
  expect(report.records.map(({ turn }) => turn)).toEqual([0, 1, undefined]);
  expect(report.notes.map(({ code }) => code)).not.toContain('input-mismatch');
});

test('turns behind a turn that failed are told of', async () => {
  const server = await serverFor((_, reply) => void reply.writeHead(503).end('{"error":{"message":"busy"}}'));
  const report = await runBenchmark({ ...SMALL, testInput: false, baseUrl: server.url, backend: 'openai-chat', datasetName: 'synthetic', syntheticInputLen: '12', syntheticTurns: 4 });
  expect(report).toMatchObject({ planned: 8, completed: 0, failed: 2 });
  expect(report.notes.find(({ code }) => code === 'turns-unsent')!.text).toMatch(/^6 turns/);
});

test('a trace is sent at its own times, faster by the speed-up, and the report has its rate', async () => {
  const server = await serverFor(goodServer);
  const datasetPath = dataFile('TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.0,20,2\n2023-11-16 18:15:47.0,30,3\n2023-11-16 18:15:49.0,10,1\n');
  const report = await runBenchmark({ tokenizerDir: STORIES_DIR, baseUrl: server.url, datasetName: 'azure', datasetPath, numPrompts: 3, traceSpeedup: 50 });
  expect(report).toMatchObject({ completed: 3, inputTokens: 60, outputTokens: 6, options: { requestRate: 33.33 } });
  const [first, ...others] = report.records.map(({ timeline }) => timeline.scheduled);
  expect(others.map((at) => Math.round(at - first!))).toEqual([20, 60]);
});

test('what keeps a data set from being read ends the run before the server is asked', async () => {
  const server = await serverFor(goodServer);
  const datasetPath = dataFile('{"prompt":\n');
  await expect(runBenchmark({ ...SMALL, baseUrl: server.url, datasetName: 'custom', datasetPath })).rejects.toThrow(`${datasetPath}:1: expected a JSON object`);
  expect(server.bodies).toEqual([]);
});
