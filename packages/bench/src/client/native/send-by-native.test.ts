// Whole runs by the native client, against a server that sees what came and when.
import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { BenchInput } from '../../bench-options.js';
import { runBenchmark } from '../../run-benchmark.js';
import { builtLoadgen } from '../../test-support/loadgen.js';
import { chat, completion, DONE, openStream, serverFor, sse, usage, type Script } from '../../test-support/scripted-server.js';
import { STORIES_DIR } from '../../test-support/tokenizer.js';
import { ClientHealth } from '../client-health.js';
import { recordOf } from '../request-record.js';
import type { SendJob } from '../send-job.js';
import { sendByNative } from './send-by-native.js';

const loadgen = builtLoadgen();
const IDS: BenchInput = { loadgen, datasetName: 'random-ids', vocabSize: 100, inputLen: 8, outputLen: 3, testInput: false };

const answer: Script = (body, reply) => {
  openStream(reply);
  const numTokens = body.max_tokens ?? body.max_completion_tokens;
  for (let i = 0; i < numTokens; i++) reply.write(body.messages ? chat({ content: `w${i} ` }) : completion('x'));
  reply.end(sse({ choices: [], ...usage(8, numTokens) }) + DONE);
};

describe.skipIf(loadgen === undefined)('a run by the native client', () => {
  test('is the default where it is built, and keeps the limit', async () => {
    const server = await serverFor(answer);
    const report = await runBenchmark({ ...IDS, baseUrl: server.url, numPrompts: 30, maxConcurrency: 4 });
    expect(report.options.client).toBe('native');
    expect(report).toMatchObject({ completed: 30, failed: 0, outputTokens: 90 });
    expect(report.peakConcurrency).toBeLessThanOrEqual(4);
    expect(report.records.map(({ index }) => index)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(server.bodies).toHaveLength(30);
  });

  test.each([1, 3])('at a rate, the times of the plan are the same whoever sends, with %d workers', async (workers) => {
    const server = await serverFor(answer);
    const timesOf = async (input: BenchInput): Promise<number[]> => {
      const { records } = await runBenchmark({ ...IDS, baseUrl: server.url, numPrompts: 20, requestRate: 200, ...input });
      for (const { timeline } of records) expect(timeline.sent).toBeGreaterThanOrEqual(timeline.scheduled);
      return records.map(({ timeline }) => timeline.scheduled - records[0]!.timeline.scheduled);
    };
    const byNode = await timesOf({ client: 'node' });
    const byNative = await timesOf({ workers });
    for (const [i, at] of byNative.entries()) expect(at).toBeCloseTo(byNode[i]!, 2);
  });

  test('turns of a conversation carry what was answered before', async () => {
    const server = await serverFor(answer);
    const turns: BenchInput = { loadgen, baseUrl: server.url, backend: 'openai-chat', datasetName: 'synthetic', tokenizerDir: STORIES_DIR, syntheticTurns: 2, numPrompts: 4, outputLen: 3, maxConcurrency: 2, testInput: false };
    const report = await runBenchmark(turns);
    expect(report.failed).toBe(0);
    const later = server.bodies.filter(({ messages }) => messages.length > 1);
    expect(later.length).toBe(server.bodies.length / 2);
    for (const { messages } of later) expect(messages[1]).toMatchObject({ role: 'assistant', content: expect.stringMatching(/^w0 w1 w2 /) });
  });

  test('an abort ends it, and what was open is told as cancelled', async () => {
    const server = await serverFor((_, reply) => (openStream(reply), void reply.write(completion('x'))));
    const abort = new AbortController();
    const run = runBenchmark(
      { ...IDS, baseUrl: server.url, numPrompts: 5, maxConcurrency: 2 },
      { signal: abort.signal, onProgress: ({ outputTokensPerS }) => outputTokensPerS > 0 && abort.abort() },
    );
    const report = await run;
    expect(report).toMatchObject({ interrupted: true, completed: 0, failed: 0 });
    expect(report.cancelled).toBeGreaterThan(0);
    expect(server.bodies.length).toBe(2);
  });

  test('a server that goes away fails the requests, not the run', async () => {
    let count = 0;
    const server = await serverFor((body, reply, request) => (++count > 3 ? void reply.destroy() : answer(body, reply, request)));
    const report = await runBenchmark({ ...IDS, baseUrl: server.url, numPrompts: 6, maxConcurrency: 1 });
    expect(report.completed).toBe(3);
    expect(report.failures).toMatchObject([{ outcome: 'connect', count: 3 }]);
  });
});

/** Five requests, 10 ms apart. */
function openLoop(): { job: SendJob; taken: number[] } {
  const never = new AbortController().signal;
  const taken: number[] = [];
  const conversations = Array.from({ length: 5 }, (_, index) => [{ index, prompt: 'x', inputTokens: 1, outputTokens: 1 }]);
  const job: SendJob = {
    conversations,
    offsets: Float64Array.from(conversations, (_, i) => 10 * i),
    isClosedLoop: false,
    hasDueTime: true,
    sending: never,
    waiting: never,
    onBegin: () => {},
    expect: () => {},
    postOf: (_, scheduled) => ({ path: '/', body: '{}', isStream: false, scheduled }),
    onStart: () => {},
    take: (request, exchange) => (taken.push(request.index), recordOf(request, exchange)),
    onSent: () => {},
    onEvents: () => {},
  };
  return { job, taken };
}

test.skipIf(loadgen === undefined)('without a limit whoever is due goes, though nobody was answered and there is no room ahead', async () => {
  const waiting: ServerResponse[] = [];
  const server = await serverFor((_, reply) => {
    if (waiting.push(reply) === 5) for (const each of waiting) each.end('{"choices":[{"text":"a"}]}');
  });
  const { job, taken } = openLoop();
  await sendByNative(job, { executable: loadgen!, baseUrl: server.url, timeoutMs: 10_000, workers: 1, keepCoresAwake: false }, new ClientHealth(), 1);
  expect(taken.sort()).toEqual([0, 1, 2, 3, 4]);
});

test('what the native client cannot do is refused by name', async () => {
  const refusal = (input: BenchInput): Promise<unknown> => runBenchmark({ ...IDS, ...input });
  await expect(refusal({ client: 'native', loadgen: undefined })).rejects.toThrow(/--client native: trtllm-loadgen is not built/);
  await expect(refusal({ client: 'native', loadgen: 'x', baseUrl: 'https://127.0.0.1:1' })).rejects.toThrow(/--client native: speaks http only/);
  await expect(refusal({ client: 'node', workers: 2 })).rejects.toThrow(/--workers 2/);
});
