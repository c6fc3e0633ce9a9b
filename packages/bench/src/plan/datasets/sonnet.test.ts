import { expect, test } from 'vitest';
import { asIds, asText, planned, serverIds } from '../../test-support/planned.js';

const SONNET = { datasetName: 'sonnet', sonnetInputLen: 120, sonnetOutputLen: 9, sonnetPrefixLen: 50, numPrompts: 20 } as const;

test.each([
  ['text', asText, 51],
  ['ids', asIds, 50],
])('verses as %s have the exact length, the same first lines and then others', async (_, writer, prefixTokens) => {
  const { requests } = await planned({ ...SONNET, writer });
  const ids = requests.map(({ prompt }) => (typeof prompt === 'string' ? serverIds(prompt) : (prompt as number[])));
  expect(requests.every(({ inputTokens, outputTokens }) => inputTokens === 120 && outputTokens === 9)).toBe(true);
  expect(ids.map((prompt) => prompt.length)).toEqual(requests.map(() => 120));
  expect(new Set(ids.map((prompt) => prompt.slice(0, prefixTokens).join())).size).toBe(1);
  expect(new Set(ids.map((prompt) => prompt.slice(prefixTokens, prefixTokens + 16).join())).size).toBe(20);
});

test('text is lines of verse', async () => {
  const { requests } = await planned(SONNET);
  expect(requests[0]!.prompt).toMatch(/^FROM fairest creatures we desire increase,\nThat thereby/);
});

test('a prefix as long as the prompt leaves no room for more', async () => {
  const { requests } = await planned({ ...SONNET, sonnetPrefixLen: 120 });
  expect(new Set(requests.map(({ prompt }) => prompt)).size).toBe(1);
  expect(serverIds(requests[0]!.prompt)).toHaveLength(120);
});
