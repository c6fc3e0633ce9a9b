// Traces: Azure's, BurstGPT's and Mooncake's. Lines are those of the public files, or shaped like them.
import { expect, test } from 'vitest';
import { asChat, asIds, jsonLines, planned, serverIds, temporaryFile } from '../../test-support/planned.js';

const AZURE = `TIMESTAMP,ContextTokens,GeneratedTokens
2023-11-16 18:15:50.9951690,39,109
2023-11-16 18:15:46.6805900,37,44
2023-11-16 18:15:51.2224670,8,55
2024-05-10 00:00:00.009930+00:00,20,3
2024-05-11 00:00:00+00:00,200,0
`;

test("Azure's requests come in the order of time with their lengths and distances", async () => {
  const datasetPath = temporaryFile('azure.csv', AZURE);
  const { requests, notes } = await planned({ datasetName: 'azure', datasetPath, numPrompts: 3 });
  expect(requests).toMatchObject([
    { inputTokens: 37, outputTokens: 44, arrivalMs: 0 },
    { inputTokens: 39, outputTokens: 109 },
    { inputTokens: 8, outputTokens: 55 },
  ]);
  expect(requests[1]!.arrivalMs).toBeCloseTo(4314.579, 2);
  expect(requests[2]!.arrivalMs).toBeCloseTo(4541.877, 2);
  expect(requests.map(({ prompt }) => serverIds(prompt).length)).toEqual([37, 39, 8]);
  expect(notes[0]!.text).toBe('of 5 requests of the trace 4 can be asked; left out: 1 without answer');
});

test('more requests than the trace holds are refused, and prompts shorter than a template are made as short as can be', async () => {
  const datasetPath = temporaryFile('azure.csv', AZURE);
  await expect(planned({ datasetName: 'azure', datasetPath, numPrompts: 5 })).rejects.toThrow('--num-prompts 5: the trace holds 4 requests');
  const { requests, notes } = await planned({ datasetName: 'azure', datasetPath, numPrompts: 4, writer: asChat });
  expect(requests.map(({ inputTokens }) => inputTokens)).toEqual([37, 39, 10, 20]);
  expect(notes.at(-1)).toMatchObject({ code: 'raised', text: expect.stringContaining('1 prompts of the trace') });
});

test('longer prompts can be left out', async () => {
  const { requests, notes } = await planned({ datasetName: 'azure', datasetPath: temporaryFile('azure.csv', AZURE), numPrompts: 2, maxInputLen: 20 });
  expect(requests.map(({ inputTokens }) => inputTokens)).toEqual([8, 20]);
  expect(notes[0]!.text).toContain('2 prompts above 20 tokens');
});

test('a time that is none is named by its line', async () => {
  const datasetPath = temporaryFile('azure.csv', 'TIMESTAMP,ContextTokens,GeneratedTokens\n18:15,1,1\n');
  await expect(planned({ datasetName: 'azure', datasetPath })).rejects.toThrow(`${datasetPath}:2: expected TIMESTAMP: a time such as 2023-11-16 18:15:46.6805900, found 18:15`);
});

const BURST = `Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type
5,1,2,ChatGPT,472,18,490,Conversation log
45,2,2,GPT-4,20,30,50,Conversation log
118,,3,GPT-4,30,0,30,API log
120,3,3,GPT-4,40,11,51,API log
126.5,,3,GPT-4,50,12,62,API log
`;

test('of BurstGPT the GPT-4 requests with an answer are drawn, and again where there are too few', async () => {
  const datasetPath = temporaryFile('burst.csv', BURST);
  const { requests, notes } = await planned({ datasetName: 'burstgpt', datasetPath, numPrompts: 3 });
  expect(requests.map(({ inputTokens, outputTokens }) => `${inputTokens}/${outputTokens}`).sort()).toEqual(['20/30', '40/11', '50/12']);
  expect(notes[0]!.text).toContain('1 of 5 requests are not of GPT-4');
  expect(new Set((await planned({ datasetName: 'burstgpt', datasetPath, numPrompts: 9 })).requests.map(({ prompt }) => prompt)).size).toBe(9);
});

test('with a trace speed-up BurstGPT is replayed in its own time', async () => {
  const { requests } = await planned({ datasetName: 'burstgpt', datasetPath: temporaryFile('burst.csv', BURST), numPrompts: 3, traceSpeedup: 2 });
  expect(requests.map(({ arrivalMs, inputTokens }) => [arrivalMs, inputTokens])).toEqual([[0, 20], [75_000, 40], [81_500, 50]]);
});

const mooncakeLine = (timestamp: number, input_length: number, hash_ids: number[]) => ({ timestamp, input_length, output_length: 5, hash_ids });

test('equal hash ids are equal text, block for block as the server counts, and others are not', async () => {
  const datasetPath = jsonLines(mooncakeLine(0, 1100, [0, 1, 2]), mooncakeLine(0, 1500, [0, 1, 3]), mooncakeLine(3000, 700, [0, 4]), mooncakeLine(27_482, 600, [5, 6]));
  const { requests } = await planned({ datasetName: 'mooncake', datasetPath, numPrompts: 4 });
  const blocks = requests.map(({ prompt }) => serverIds(prompt));
  expect(blocks.map((ids) => ids.length)).toEqual([1100, 1500, 700, 600]);
  expect(requests.map(({ arrivalMs }) => arrivalMs)).toEqual([0, 0, 3000, 27_482]);
  const block = (request: number, position: number) => blocks[request]!.slice(512 * position, 512 * (position + 1)).join();
  expect([block(1, 0), block(1, 1)]).toEqual([block(0, 0), block(0, 1)]);
  expect(block(2, 0)).toBe(block(0, 0));
  expect(block(1, 2).startsWith(block(0, 2))).toBe(false);
  expect(blocks[2]!.slice(512, 530)).not.toEqual(blocks[0]!.slice(512, 530));
  expect(blocks[3]!.slice(0, 16)).not.toEqual(blocks[0]!.slice(0, 16));
});

test('the same trace as ids, and as blocks of 16 tokens', async () => {
  const datasetPath = jsonLines(mooncakeLine(0, 40, [0, 1, 2]), mooncakeLine(9, 37, [0, 1, 2]));
  const { requests } = await planned({ datasetName: 'mooncake', datasetPath, numPrompts: 2, writer: asIds });
  expect(requests[1]!.prompt).toEqual(requests[0]!.prompt.slice(0, 37));
  expect(requests[0]!.prompt).toHaveLength(40);
});

test.each([
  [[{ timestamp: 1, input_length: 'x', output_length: 1, hash_ids: [0] }], ':1: expected input_length: number, found x'],
  [[mooncakeLine(0, 512, [0]), { timestamp: 1, input_length: 5, output_length: 1 }], ':2: expected hash_ids: array, found nothing'],
  [[mooncakeLine(0, 1100, [0])], 'expected a hash id for every 512, or for every 16, tokens of input_length'],
])('the line %j is refused by what is wrong with it', async (lines, message) => {
  await expect(planned({ datasetName: 'mooncake', datasetPath: jsonLines(...lines) })).rejects.toThrow(message);
});
