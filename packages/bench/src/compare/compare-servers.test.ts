import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { completion, DONE, openStream, scriptedServer, sse, usage, type Script } from '../test-support/scripted-server.js';
import { compareServers } from './compare-servers.js';
import { DEFAULT_SEQUENTIAL } from './sequential-test.js';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0)) await close();
});

const answering = (delayMs: number): Script => async (body, reply) => {
  await sleep(delayMs);
  openStream(reply);
  for (let i = 0; i < body.max_tokens; i++) reply.write(completion('x'));
  reply.end(sse({ choices: [], ...usage(body.prompt.length, body.max_tokens) }) + DONE);
};

async function serverFor(script: Script) {
  const server = await scriptedServer(script);
  cleanUp.push(() => server.close());
  return server;
}

const BLOCK = { tokenizeOnClient: true, vocabSize: 500, numPrompts: 4, inputLen: 16, outputLen: 2, maxConcurrency: 4, testInput: false };
const INPUT = { metric: 'e2el', sequential: DEFAULT_SEQUENTIAL, block: BLOCK } as const;

test('a server that takes many times as long is found, on the same prompts', async () => {
  const a = await serverFor(answering(2));
  const b = await serverFor(answering(60));
  const result = await compareServers({ ...INPUT, urls: { a: a.url, b: b.url } });
  expect(result).toMatchObject({ verdict: 'fail' });
  expect(result.loss).toBeGreaterThan(1);
  const prompts = ({ bodies }: typeof a) => bodies.map(({ prompt }) => JSON.stringify(prompt)).sort();
  expect(prompts(a)).toEqual(prompts(b));
  expect(new Set(prompts(a)).size).toBe(a.bodies.length);
});

test('failed requests end the comparison: their figures are of something else', async () => {
  const a = await serverFor(answering(0));
  const b = await serverFor((_body, reply) => void reply.destroy());
  await expect(compareServers({ ...INPUT, urls: { a: a.url, b: b.url } })).rejects.toMatchObject({ code: 'BENCH_FAILED_REQUESTS', message: expect.stringMatching(/^server b: 4 of 4/) as string });
});

test('a figure that a server does not give is named', async () => {
  const { url } = await serverFor(answering(0));
  await expect(compareServers({ ...INPUT, metric: 'tpot', block: { ...BLOCK, outputLen: 1 }, urls: { a: url, b: url } })).rejects.toMatchObject({ code: 'BAD_FLAG', message: expect.stringMatching(/--metric tpot/) as string });
});
