// The random and synthetic data sets.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { asIds, asText, plainCount, planned, serverIds, temporaryFile } from '../../test-support/planned.js';
import { SONNETS_PATH } from '../prose.js';
import { planHash } from '../workload.js';

const RANDOM = { inputLen: 30, outputLen: 10, prefixLen: 12, rangeRatio: 0.2 } as const;

test('lengths lie in the ratio around the wanted one, ends included, and the shared prefix comes on top', async () => {
  const { requests, notes } = await planned({ ...RANDOM, inputLen: 100, numPrompts: 600 });
  const inputs = requests.map((request) => request.inputTokens - 12);
  const outputs = requests.map((request) => request.outputTokens);
  expect([Math.min(...inputs), Math.max(...inputs)]).toEqual([80, 120]);
  expect([Math.min(...outputs), Math.max(...outputs)]).toEqual([8, 12]);
  expect(notes.find(({ code }) => code === 'lengths')!.text).toMatch(/after a shared prefix of 12: uniform from 80 to 120 \(mean \d+\.\d, from 80 to 120\); output tokens: uniform from 8 to 12/);
});

test('prompts have the planned length, begin with the same prefix and then differ', async () => {
  const { requests } = await planned(RANDOM);
  const ids = requests.map(({ prompt }) => serverIds(prompt));
  expect(ids.map((prompt) => prompt.length)).toEqual(requests.map((request) => request.inputTokens));
  expect(new Set(ids.map((prompt) => prompt.slice(1, 13).join())).size).toBe(1);
  expect(new Set(ids.map((prompt) => prompt.slice(13, 23).join())).size).toBe(requests.length);
});

test('the same seed asks for the same, another for something else, and a request does not depend on how many there are', async () => {
  const plan = async (seed: number, numPrompts = 10) => (await planned({ ...RANDOM, seed, numPrompts })).requests;
  expect(planHash(await plan(0))).toBe(planHash(await plan(0)));
  expect(planHash(await plan(1))).not.toBe(planHash(await plan(0)));
  expect((await plan(0, 20)).slice(0, 10)).toEqual(await plan(0));
});

test('another salt gives other texts of the same lengths', async () => {
  const plain = (await planned(RANDOM)).requests;
  const salted = (await planned({ ...RANDOM, salt: 'point 2' })).requests;
  expect(salted.map(({ inputTokens, outputTokens }) => [inputTokens, outputTokens])).toEqual(plain.map(({ inputTokens, outputTokens }) => [inputTokens, outputTokens]));
  expect(salted.filter(({ prompt }, i) => prompt === plain[i]!.prompt)).toEqual([]);
});

test('natural prompts are prose of the exact length behind a few words that make each the only one of its kind', async () => {
  const { requests } = await planned({ inputLen: 60, text: 'natural', numPrompts: 100 });
  const ids = requests.map(({ prompt }) => serverIds(prompt));
  expect(new Set(ids.map((prompt) => prompt.length))).toEqual(new Set([60]));
  expect(new Set(ids.map((prompt) => prompt.slice(0, 16).join())).size).toBe(100);
  const words = (text: string) => text.split(/\s+/);
  const sonnets = words(readFileSync(SONNETS_PATH, 'utf8')).join(' ');
  for (const { prompt } of requests) expect(sonnets).toContain(words(prompt as string).slice(5, 10).join(' '));
});

test('random takes its texts from the first turns of a ShareGPT file', async () => {
  const datasetPath = temporaryFile('chat.json', JSON.stringify([{ conversations: [{ from: 'human', value: 'Sally sells sea shells on the shore' }] }]));
  const { requests } = await planned({ inputLen: 80, datasetPath, numPrompts: 5 });
  for (const { prompt } of requests) {
    expect(prompt).toContain('Sally sells sea shells');
    expect(serverIds(prompt)).toHaveLength(80);
  }
});

test('random-ids sends exactly so many ids', async () => {
  const { requests } = await planned({ ...RANDOM, datasetName: 'random-ids', writer: asIds });
  expect(requests.map(({ prompt }) => prompt.length)).toEqual(requests.map(({ inputTokens }) => inputTokens));
  expect(new Set(requests.map(({ prompt }) => prompt.slice(0, 12).toString())).size).toBe(1);
});

test('groups share prefixes by their weights, and the note tells what a cache can take', async () => {
  const { requests, notes } = await planned({ datasetName: 'synthetic', syntheticInputLen: '20', syntheticPrefixLen: 47, syntheticPrefixGroups: [3, 1], numPrompts: 400 });
  const begins = requests.map(({ prompt }) => serverIds(prompt).slice(1, 48).join());
  expect(new Set(begins).size).toBe(2);
  expect(new Set(requests.map(({ prefix }, i) => `${prefix} ${begins[i]}`)).size).toBe(2);
  const share = requests.filter(({ prefix }) => prefix === 0).length / 400;
  expect(Math.abs(share - 0.75)).toBeLessThan(3 * Math.sqrt((0.75 * 0.25) / 400));
  // 47 tokens and BOS are three blocks of 16; 398 of 400 prompts of 67 tokens find theirs.
  expect(notes.at(-1)!.text).toContain(`${((100 * 48 * 398) / (400 * 67)).toFixed(1)} %`);
});

test('conversations of drawn turns follow one another and count their history', async () => {
  const { requests } = await planned({ datasetName: 'synthetic', syntheticInputLen: '20', syntheticOutputLen: '7', syntheticTurns: 3, turnDelayMs: 250, numPrompts: 5, backend: 'openai-chat' });
  expect(requests.map(({ turn }) => turn)).toEqual([0, 1, 2, 0, 1]);
  expect(requests.map(({ delayMs }) => delayMs)).toEqual([undefined, 250, 250, undefined, 250]);
  expect(requests.map(({ inputTokens }) => inputTokens)).toEqual([20, 47, 74, 20, 47]);
  expect(plainCount(requests[1]!.prompt as string)).toBe(20);
});

test('an endpoint without chat is not sent turns', async () => {
  await expect(planned({ datasetName: 'synthetic', syntheticTurns: 2, writer: asText })).rejects.toThrow('give --backend openai-chat');
});
