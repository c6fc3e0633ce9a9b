// What a server gets of --header, over whichever client it comes.
import { expect, test } from 'vitest';
import { startAgent } from '../agents/agent-server.js';
import { settleOptions, type BenchInput } from '../bench-options.js';
import { runBenchmark } from '../run-benchmark.js';
import { builtLoadgen } from '../test-support/loadgen.js';
import { answeringAfter, serverFor } from '../test-support/scripted-server.js';

const loadgen = builtLoadgen();

/** Headers of all requests of a small run. */
async function headersOf(input: BenchInput): Promise<Record<string, unknown>[]> {
  const seen: Record<string, unknown>[] = [];
  const answer = answeringAfter(0);
  const server = await serverFor((body, reply, request) => (seen.push(request.headers), answer(body, reply, request)));
  const report = await runBenchmark({ baseUrl: server.url, tokenizeOnClient: true, vocabSize: 100, numPrompts: 4, inputLen: 4, outputLen: 2, apiKey: 'key', headers: { 'X-Team': 'blue = 1', Authorization: 'Basic abc' }, ...input });
  expect(report.completed).toBe(4);
  return seen;
}

const given = { 'x-team': 'blue = 1', authorization: 'Basic abc', 'content-type': 'application/json' };

test('the probe and every request carry the given headers, which stand in place of our own', async () => {
  const seen = await headersOf({ client: 'node' });
  expect(seen).toHaveLength(5);
  for (const headers of seen) expect(headers).toMatchObject(given);
});

test.skipIf(loadgen === undefined)('so does the native client', async () => {
  for (const headers of await headersOf({ client: 'native', loadgen })) expect(headers).toMatchObject(given);
});

test('so do agents, for the server; their own key stays theirs', async () => {
  const agent = await startAgent({ host: '127.0.0.1', port: 0, client: 'node', workers: 1, keepCoresAwake: false, token: 'secret' });
  const seen = await headersOf({ agents: [agent.address], agentToken: 'secret' }).finally(() => agent.close());
  for (const headers of seen) expect(headers).toMatchObject(given);
});

test.each([
  [{ 'a b': '1' }, /expected the name of an HTTP header, found "a b"/],
  [{ 'Content-Length': '1' }, /Content-Length=\.\.\.: that one is the client's own/],
  [{ 'x-a': 'b\r\nx-c: d' }, /x-a=\.\.\.: expected visible ASCII/],
])('headers that would break a request are refused: %j', (headers, message) => {
  expect(() => settleOptions({ headers })).toThrow(message);
});
