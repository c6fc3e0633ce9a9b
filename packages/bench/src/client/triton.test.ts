// Whole runs against a server that speaks Triton's generate endpoints.
import { afterEach, expect, test } from 'vitest';
import type { BenchInput } from '../bench-options.js';
import { runBenchmark } from '../run-benchmark.js';
import { openStream, scriptedServer, sse, type Script } from '../test-support/scripted-server.js';
import { STORIES_DIR, storiesTokenizer } from '../test-support/tokenizer.js';

const tokenizer = await storiesTokenizer();
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0)) await close();
});

async function serverFor(script: Script) {
  const paths: string[] = [];
  const server = await scriptedServer((body, reply, request) => (paths.push(request.url!), script(body, reply, request)));
  cleanUp.push(() => server.close());
  return { ...server, paths };
}

const inputTokens = (body: any): number => tokenizer.encode(body.text_input, { addSpecialTokens: true }).length;
const event = (text: string, more: object = {}): string => sse({ model_name: 'ensemble', model_version: '1', sequence_end: false, sequence_id: 0, sequence_start: false, text_output: text, ...more });
const STREAM: BenchInput = { tokenizerDir: STORIES_DIR, backend: 'triton-generate-stream', numPrompts: 4, inputLen: 20, outputLen: 3, maxConcurrency: 2 };

/** Each event what is new; nothing but the close ends the stream. */
const streaming: Script = (body, reply) => {
  openStream(reply);
  for (let i = 0; i < body.max_tokens; i++) reply.write(event(' was', { num_input_tokens: inputTokens(body) }));
  reply.end();
};

test('generate_stream is asked with its own fields and ends when it is closed', async () => {
  const server = await serverFor(streaming);
  const report = await runBenchmark({ ...STREAM, baseUrl: server.url, ignoreEos: true, sampling: { temperature: 0, top_k: 1 } });
  expect(report).toMatchObject({ model: 'ensemble', completed: 4, failed: 0, inputTokens: 80, outputTokens: 12 });
  expect(report.latencies.tpot?.n).toBe(4);
  expect(new Set(server.paths)).toEqual(new Set(['/v2/models/ensemble/generate_stream']));
  const { text_input, ...fields } = server.bodies.at(-1);
  expect(inputTokens({ text_input })).toBe(20);
  expect(fields).toMatchObject({ max_tokens: 3, min_tokens: 3, stream: true, exclude_input_in_output: true, temperature: 0, top_k: 1, sampling_param_max_tokens: 3, sampling_param_top_k: 1 });
});

test('a model that sends all text so far counts each token once, and an event that adds none is no token', async () => {
  const server = await serverFor((body, reply) => {
    openStream(reply);
    for (let i = 1; i <= body.max_tokens; i++) reply.write(event(' was'.repeat(i)));
    reply.end(event(' was'.repeat(body.max_tokens), { finish_reason: 'length' }));
  });
  const { records } = await runBenchmark({ ...STREAM, model: 'tensorrt_llm', baseUrl: server.url });
  expect(new Set(server.paths)).toEqual(new Set(['/v2/models/tensorrt_llm/generate_stream']));
  for (const record of records) expect(record).toMatchObject({ outcome: 'ok', outputTokens: 3, text: ' was was was', finishReason: 'length', timeline: { tokens: [1, 1, 1] } });
});

test('generate has an end-to-end latency only, with the counts of the server, also where they are strings', async () => {
  const server = await serverFor((body, reply) => {
    reply.writeHead(200, { 'content-type': 'application/json' });
    reply.end(JSON.stringify({ model_name: 'ensemble', text_output: ['a b', ''], num_input_tokens: String(inputTokens(body)), num_output_tokens: body.return_num_output_tokens ? 3 : undefined }));
  });
  const report = await runBenchmark({ ...STREAM, backend: 'triton-generate', baseUrl: server.url });
  expect(report).toMatchObject({ completed: 4, inputTokens: 80, outputTokens: 12, latencies: { ttft: undefined, e2el: { n: 4 } } });
  expect(server.bodies.at(-1)).toMatchObject({ stream: false });
  expect(server.paths.at(-1)).toBe('/v2/models/ensemble/generate');
});

test('an error event after status 200 and a refusal before it are failures in the words of the server', async () => {
  let count = 0;
  const server = await serverFor((_, reply) => {
    if (count++ % 2 === 0) return void reply.writeHead(400).end('{"error":"unexpected shape"}');
    openStream(reply);
    reply.write(event('a'));
    reply.end(sse({ error: 'Error generating request: x' }));
  });
  const report = await runBenchmark({ ...STREAM, testInput: false, baseUrl: server.url });
  expect(report).toMatchObject({ completed: 0, failed: 4 });
  expect(report.failures).toEqual(expect.arrayContaining([{ outcome: 'http', reason: 'HTTP 400: unexpected shape', count: 2 }, { outcome: 'stream-error', reason: 'Error generating request: x', count: 2 }]));
});

test('a connection that breaks is a failure although only the close ends a stream', async () => {
  const server = await serverFor((_, reply) => {
    openStream(reply);
    reply.write(event('a'), () => reply.destroy());
  });
  const report = await runBenchmark({ ...STREAM, testInput: false, baseUrl: server.url });
  expect(report.failures).toMatchObject([{ outcome: 'truncated', count: 4 }]);
});

test('ids and chat messages are refused: the endpoint takes text', async () => {
  await expect(runBenchmark({ ...STREAM, tokenizeOnClient: true })).rejects.toThrow('--tokenize-on-client: --backend triton-generate-stream takes text');
  await expect(runBenchmark({ ...STREAM, datasetName: 'synthetic', syntheticTurns: 2 })).rejects.toThrow('--synthetic-turns');
});
