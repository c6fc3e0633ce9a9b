// Whole runs by agents of this process, against a server that sees what came. test/bench-agents.test.ts has them as processes.
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { BenchInput } from '../bench-options.js';
import { runBenchmark } from '../run-benchmark.js';
import { answeringAfter, chat, completion, DONE, openStream, serverFor, sse, usage } from '../test-support/scripted-server.js';
import { STORIES_DIR } from '../test-support/tokenizer.js';
import { startAgent, type Agent, type AgentOptions } from './agent-server.js';
import { AGENT_VERSION, VERSION_HEADER } from './wire.js';

const IDS: BenchInput = { datasetName: 'random-ids', vocabSize: 100, inputLen: 8, outputLen: 3, testInput: false };

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});

async function agent(more: Partial<AgentOptions> = {}): Promise<Agent> {
  const started = await startAgent({ host: '127.0.0.1', port: 0, client: 'node', workers: 1, keepCoresAwake: false, ...more });
  cleanUp.push(() => started.close());
  return started;
}

const agents = async (count: number): Promise<string[]> => (await Promise.all(Array.from({ length: count }, () => agent()))).map(({ address }) => address);
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('a run by agents', () => {
  test('sends every request once, keeps the limit, and merges all records', async () => {
    const server = await serverFor(answeringAfter(5));
    const report = await runBenchmark({ ...IDS, baseUrl: server.url, agents: await agents(3), numPrompts: 40, maxConcurrency: 5 });
    expect(report).toMatchObject({ completed: 40, failed: 0, outputTokens: 120, inputTokens: 320, options: { client: 'agents' } });
    expect(report.records.map(({ index }) => index)).toEqual(numbers(40));
    expect(report.latencies.ttft!.max).toBe(Math.max(...report.records.map(({ timeline }) => timeline.stamps[0]! - timeline.sent)));
    for (const { timeline } of report.records) expect(timeline.stamps[0]! - timeline.sent).toBeGreaterThan(4);
    expect(new Set(server.bodies.map(({ prompt }) => String(prompt))).size).toBe(40);
  });

  test('at a rate, its arrivals are those of the plan, as far as clocks can be compared', async () => {
    const server = await serverFor(answeringAfter(1));
    const run = (input: BenchInput) => runBenchmark({ ...IDS, baseUrl: server.url, numPrompts: 30, requestRate: 100, ...input });
    const [byNode, byAgents] = [await run({ client: 'node' }), await run({ agents: await agents(2) })];
    expect(byAgents.planHash).toBe(byNode.planHash);
    const { text } = byAgents.notes.find(({ code }) => code === 'agents')!;
    const bounds = [...text.matchAll(/±([\d.]+) ms/g)].map(([, ms]) => Number(ms));
    expect(bounds).toHaveLength(2);
    const timesOf = ({ records }: typeof byNode): number[] => records.map(({ timeline }) => timeline.scheduled - records[0]!.timeline.scheduled);
    const expected = timesOf(byNode);
    for (const [i, at] of timesOf(byAgents).entries()) expect(Math.abs(at - expected[i]!)).toBeLessThanOrEqual(2 * Math.max(...bounds) + 0.01);
    for (const { timeline } of byAgents.records) expect(timeline.sent).toBeGreaterThanOrEqual(timeline.scheduled);
  });

  test('a conversation stays at one agent, which puts answers into its history', async () => {
    const server = await serverFor((body, reply) => {
      openStream(reply);
      for (let i = 0; i < 3; i++) reply.write(chat({ content: `w${i} ` }));
      reply.end(sse({ choices: [], ...usage(8, body.max_completion_tokens) }) + DONE);
    });
    const turns: BenchInput = { backend: 'openai-chat', datasetName: 'synthetic', tokenizerDir: STORIES_DIR, syntheticTurns: 3, outputLen: 3, testInput: false };
    const report = await runBenchmark({ ...turns, baseUrl: server.url, agents: await agents(2), numPrompts: 12, maxConcurrency: 2 });
    expect(report).toMatchObject({ failed: 0, completed: server.bodies.length });
    const third = server.bodies.filter(({ messages }) => messages.length === 5);
    expect(third).toHaveLength(server.bodies.length / 3);
    for (const { messages } of third) expect([messages[1], messages[3]]).toEqual(Array.from({ length: 2 }, () => ({ role: 'assistant', content: 'w0 w1 w2 ' })));
  });

  test.each([
    ['in a closed loop', { maxConcurrency: 4 }],
    ['all at once', {}],
  ])('a warm-up comes first and does not count, %s', async (_, load) => {
    const server = await serverFor(answeringAfter(2));
    const report = await runBenchmark({ ...IDS, ...load, baseUrl: server.url, agents: await agents(2), numPrompts: 10, numWarmups: 6 });
    expect(report).toMatchObject({ completed: 10, failed: 0 });
    expect(report.records.map(({ index }) => index)).toEqual(numbers(10));
    expect(server.bodies).toHaveLength(16);
  });

  test('failures stop it by rule, at all agents', async () => {
    const server = await serverFor((_, reply) => void reply.writeHead(500).end('broken'));
    const report = await runBenchmark({ ...IDS, baseUrl: server.url, agents: await agents(2), numPrompts: 2000, maxConcurrency: 2, maxErrorRate: 0.2 });
    expect(report.stopped).toMatchObject({ rule: 'error-rate' });
    expect(report.failed).toBeGreaterThanOrEqual(10);
    expect(server.bodies.length).toBeLessThan(2000);
  });

  test('--max-seconds is counted from its start', async () => {
    const server = await serverFor(answeringAfter(1));
    const report = await runBenchmark({ ...IDS, baseUrl: server.url, agents: await agents(2), numPrompts: 1000, requestRate: 10, maxSeconds: 1 });
    expect(report.stopped).toMatchObject({ rule: 'seconds' });
    expect(report.completed).toBeGreaterThan(0);
    expect(report.completed).toBeLessThan(100);
    expect(report.completed).toBe(server.bodies.length);
  });

  test('an abort cancels at the agents', async () => {
    let hungUp = 0;
    const server = await serverFor((_, reply) => (openStream(reply), reply.on('close', () => hungUp++), void reply.write(completion('x'))));
    const abort = new AbortController();
    const onProgress = ({ outputTokensPerS }: { outputTokensPerS: number }): void => void (outputTokensPerS > 0 && server.bodies.length === 4 && abort.abort());
    const report = await runBenchmark({ ...IDS, baseUrl: server.url, agents: await agents(2), numPrompts: 20, maxConcurrency: 4 }, { signal: abort.signal, onProgress });
    expect(report).toMatchObject({ interrupted: true, completed: 0, failed: 0, cancelled: 4 });
    await expect.poll(() => hungUp).toBe(4);
  });

  test('an agent that is closed mid-run stops it; its requests are failures named after it', async () => {
    const server = await serverFor((body, reply, request) => (server.bodies.length < 8 ? answeringAfter(1)(body, reply, request) : openStream(reply)));
    const [staying, leaving] = [await agent(), await agent()];
    const run = runBenchmark({ ...IDS, baseUrl: server.url, agents: [staying.address, leaving.address], numPrompts: 20, maxConcurrency: 4 }, {
      onProgress: ({ done }) => void (done === 7 && server.bodies.length === 11 && leaving.close()),
    });
    const report = await run;
    expect(report.stopped).toMatchObject({ rule: 'agent', text: expect.stringContaining(`agent ${leaving.address}`) });
    expect(report.failures).toMatchObject([{ outcome: 'connect', reason: report.stopped!.text, count: 2 }]);
    expect(report).toMatchObject({ completed: 7, failed: 2, cancelled: 2 });
  });
});

describe('what agents are refused for, by name', () => {
  const run = (input: BenchInput): Promise<unknown> => runBenchmark({ ...IDS, baseUrl: 'http://127.0.0.1:1', numPrompts: 2, ...input });

  test('no agent there, a server that is none, another version, a wrong token', async () => {
    await expect(run({ agents: ['127.0.0.1:1'] })).rejects.toThrow(/agent 127\.0\.0\.1:1 cannot be reached: ECONNREFUSED/);
    const server = await serverFor(answeringAfter(1));
    await expect(run({ agents: [new URL(server.url).host] })).rejects.toThrow(/is no `trtllm bench agent`/);
    const other = createServer((_, reply) => void reply.writeHead(426, { [VERSION_HEADER]: '9.9.9/1' }).end(JSON.stringify({ error: 'is of version 9.9.9/1' })));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    cleanUp.push(() => other.close());
    await expect(run({ agents: [`127.0.0.1:${(other.address() as AddressInfo).port}`] })).rejects.toThrow(/is of version 9\.9\.9/);
    const { address } = await agent({ token: 'right' });
    await expect(run({ agents: [address], agentToken: 'wrong' })).rejects.toThrow(/wrong token/);
    await expect(run({ agents: [address] })).rejects.toThrow(/wrong token/);
  });

  test('flags that cannot be meant', async () => {
    await expect(run({ agents: ['nowhere'] })).rejects.toThrow(/--agents: expected host:port,host:port, found nowhere/);
    await expect(run({ agents: ['a:1', 'a:1'] })).rejects.toThrow(/--agents: expected every agent once/);
    await expect(run({ agents: ['a:1'], workers: 2 })).rejects.toThrow(/--workers 2: agents send/);
    await expect(run({ agents: ['a:1'], client: 'node' })).rejects.toThrow(/--client node: agents send/);
    await expect(agent({ client: 'native', loadgen: undefined })).rejects.toThrow(/trtllm-loadgen is not built/);
  });

  test('a request that comes from no coordinator, of another version, or without sense', async () => {
    const { address } = await agent({ token: 'right' });
    const ask = async (path: string, headers: Record<string, string>, body?: string): Promise<[number, string]> => {
      const reply = await fetch(`http://${address}${path}`, { headers, ...(body !== undefined && { method: 'POST', body }) });
      return [reply.status, await reply.text()];
    };
    const known = { [VERSION_HEADER]: AGENT_VERSION, authorization: 'Bearer right' };
    expect(await ask('/clock', {})).toEqual([400, expect.stringContaining(VERSION_HEADER)]);
    expect(await ask('/clock', { ...known, [VERSION_HEADER]: '0.0.1/1' })).toEqual([426, expect.stringContaining('the coordinator of 0.0.1/1')]);
    expect(await ask('/other', known)).toEqual([404, expect.stringContaining('found GET /other')]);
    expect(await ask('/share', known, 'no JSON\n')).toEqual([200, expect.stringContaining('expected lines of JSON')]);
    expect(await ask('/share', known, '{"model":1}\n')).toEqual([200, expect.stringMatching(/"kind":"error","message":"model: /)]);
    expect((await ask('/clock', known))[0]).toBe(200);
  });

  test('half a share does not keep it from the next run, nor from ending', async () => {
    const server = await serverFor(answeringAfter(1));
    const shared = await agent();
    const headers = { [VERSION_HEADER]: AGENT_VERSION };
    const half = request(`http://${shared.address}/share`, { method: 'POST', headers });
    half.on('error', () => {});
    half.write('{"model"');
    await once(half, 'response');
    await expect(run({ baseUrl: server.url, agents: [shared.address] })).rejects.toThrow(/is busy with another run/);
    half.destroy();
    await expect.poll(() => run({ baseUrl: server.url, agents: [shared.address] }).catch(String), { timeout: 10_000 }).toMatchObject({ completed: 2 });
    const other = request(`http://${shared.address}/share`, { method: 'POST', headers });
    other.on('error', () => {});
    other.write('{"model"');
    await once(other, 'response');
    await shared.close();
  });

  test('a second run at the same time', async () => {
    const server = await serverFor((_, reply) => openStream(reply));
    const shared = await agent();
    const abort = new AbortController();
    const first = runBenchmark({ ...IDS, baseUrl: server.url, agents: [shared.address], numPrompts: 1 }, { signal: abort.signal });
    await expect.poll(() => server.bodies.length, { timeout: 10_000 }).toBe(1);
    await expect(run({ baseUrl: server.url, agents: [shared.address] })).rejects.toThrow(/is busy with another run/);
    abort.abort();
    expect(await first).toMatchObject({ cancelled: 1 });
  });
});
