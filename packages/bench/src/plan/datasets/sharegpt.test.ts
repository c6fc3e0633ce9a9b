import { expect, test } from 'vitest';
import { asIds, asText, planned, serverIds, temporaryFile } from '../../test-support/planned.js';
import { whyDropped } from './sharegpt.js';

// Bench methods, vector 12: prompt and answer lengths, and whether the exchange is kept as it is and with an override.
test.each([
  [3, 50, false, false],
  [4, 3, false, true],
  [1024, 1024, true, true],
  [1025, 10, false, false],
  [1000, 1049, false, false],
])('a prompt of %i and an answer of %i tokens: kept %s, with an override %s', (prompt, output, isKept, isKeptOverridden) => {
  expect(whyDropped(prompt, output, false) === undefined).toBe(isKept);
  expect(whyDropped(prompt, output, true) === undefined).toBe(isKeptOverridden);
});

const STORY = 'Once upon a time there was a little girl named Lily';
const chat = (...values: string[]) => ({ id: 'x', conversations: values.map((value, i) => ({ from: i % 2 === 0 ? 'human' : 'gpt', value })) });
const asked = (i: number) => `${STORY} and she had ${'one '.repeat(i)}friends`;
const fileOf = (...entries: object[]) => temporaryFile('sharegpt.json', JSON.stringify(entries, null, 1));

test('first exchanges are asked in a shuffled order, the answer giving the length, and the note counts what was left out', async () => {
  const answers = Array.from({ length: 8 }, (_, i) => `${STORY} ${'so '.repeat(i)}`.trim());
  const entries = [chat('Hi', STORY), chat(STORY), chat(STORY, 'No'), ...answers.map((answer, i) => chat(asked(i), answer, 'more', 'text'))];
  const datasetPath = fileOf(...entries);
  const { requests, notes } = await planned({ datasetName: 'sharegpt', datasetPath, numPrompts: Infinity });
  expect(requests).toHaveLength(8);
  expect(requests.map(({ prompt }) => prompt)).not.toEqual(answers.map((_, i) => asked(i)));
  for (const { prompt, inputTokens, outputTokens } of requests) {
    const i = answers.findIndex((_, at) => asked(at) === prompt);
    expect(inputTokens).toBe(serverIds(prompt).length);
    expect(outputTokens).toBe(asText.count(answers[i]!));
  }
  expect(notes.map(({ text }) => text).join()).toMatch(/looked at 11 conversations, kept 8; left out: 1 one turn only, (1 prompt below 4 tokens, 1 answer below|1 answer below 4 tokens, 1 prompt below)/);
});

test('an output length in place of the answers keeps short answers', async () => {
  const { requests } = await planned({ datasetName: 'sharegpt', datasetPath: fileOf(chat(STORY, 'No')), sharegptOutputLen: 77, numPrompts: 1 });
  expect(requests).toMatchObject([{ prompt: STORY, outputTokens: 77 }]);
});

test('where too few are left they are asked again behind a few words, with a count', async () => {
  const { requests, notes } = await planned({ datasetName: 'sharegpt', datasetPath: fileOf(chat(asked(1), STORY), chat(asked(2), STORY)), numPrompts: 7 });
  expect(requests.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(new Set(requests.map(({ prompt }) => prompt)).size).toBe(7);
  for (const { prompt, inputTokens } of requests) {
    expect(prompt).toMatch(/Once upon a time there was a little girl named Lily and she had (one ){1,2}friends$/);
    expect(serverIds(prompt)).toHaveLength(inputTokens);
  }
  expect(notes.at(-1)).toMatchObject({ code: 'repeats', text: expect.stringContaining('5 prompts') });
});

test('a salt goes before every prompt', async () => {
  const { requests } = await planned({ datasetName: 'sharegpt', datasetPath: fileOf(chat(STORY, STORY)), numPrompts: 1, salt: 'b' });
  expect(requests[0]!.prompt).toMatch(/^\S+( \S+){3}\nOnce upon a time/);
  expect(serverIds(requests[0]!.prompt)).toHaveLength(requests[0]!.inputTokens);
});

test('ids are sent where they are asked for', async () => {
  const { requests } = await planned({ datasetName: 'sharegpt', datasetPath: fileOf(chat(STORY, STORY)), numPrompts: 1, writer: asIds });
  expect(requests[0]).toMatchObject({ prompt: serverIds(STORY), inputTokens: serverIds(STORY).length });
});

test('prompts that are nobody human are counted', async () => {
  const entry = { conversations: [{ from: 'system', value: STORY }, { from: 'human', value: STORY }] };
  const { notes } = await planned({ datasetName: 'sharegpt', datasetPath: fileOf(entry), numPrompts: 1 });
  expect(notes.map(({ code }) => code)).toContain('not-human');
});

test.each([
  [[{ id: 1 }], ':2: expected conversations: a list of { from, value }, found undefined'],
  [[chat(STORY, STORY), { conversations: [{ value: 1 }, { value: 2 }] }], 'expected texts as value of the first two turns'],
  [[chat('Hi', 'No')], 'no conversation is left of 1: 1 prompt below 4 tokens'],
])('%j is refused by what is wrong with it', async (entries, message) => {
  await expect(planned({ datasetName: 'sharegpt', datasetPath: fileOf(...entries) })).rejects.toThrow(message);
});
