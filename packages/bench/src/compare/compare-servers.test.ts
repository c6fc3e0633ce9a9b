import { expect, test } from 'vitest';
import { answeringAfter, serverFor } from '../test-support/scripted-server.js';
import { compareServers } from './compare-servers.js';
import { DEFAULT_SEQUENTIAL } from './sequential-test.js';

const BLOCK = { tokenizeOnClient: true, vocabSize: 500, numPrompts: 4, inputLen: 16, outputLen: 2, maxConcurrency: 4, testInput: false };
const INPUT = { metric: 'e2el', sequential: DEFAULT_SEQUENTIAL, block: BLOCK } as const;

test('a server that takes many times as long is found, on the same prompts', async () => {
  const a = await serverFor(answeringAfter(2));
  const b = await serverFor(answeringAfter(200));
  const result = await compareServers({ ...INPUT, urls: { a: a.url, b: b.url } });
  expect(result).toMatchObject({ verdict: 'fail' });
  expect(result.loss).toBeGreaterThan(0.5);
  const prompts = ({ bodies }: typeof a) => bodies.map(({ prompt }) => JSON.stringify(prompt)).sort();
  expect(prompts(a)).toEqual(prompts(b));
  expect(new Set(prompts(a)).size).toBe(a.bodies.length);
});

test('failed requests end the comparison: their figures are of something else', async () => {
  const a = await serverFor(answeringAfter(0));
  const b = await serverFor((_body, reply) => void reply.destroy());
  await expect(compareServers({ ...INPUT, urls: { a: a.url, b: b.url } })).rejects.toMatchObject({ code: 'BENCH_FAILED_REQUESTS', message: expect.stringMatching(/^server b: 4 of 4/) as string });
});

test('a figure that a server does not give is named', async () => {
  const { url } = await serverFor(answeringAfter(0));
  await expect(compareServers({ ...INPUT, metric: 'tpot', block: { ...BLOCK, outputLen: 1 }, urls: { a: url, b: url } })).rejects.toMatchObject({ code: 'BAD_FLAG', message: expect.stringMatching(/--metric tpot/) as string });
});
