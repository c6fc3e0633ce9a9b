import { expect, test } from 'vitest';
import { asChat, asIds, asText, jsonLines, plainCount, planned, serverIds, temporaryFile, type PlanSettings } from '../../test-support/planned.js';

const STORY = 'Once upon a time';
const asks = async (lines: object[], settings: PlanSettings = {}) =>
  (await planned({ datasetName: 'custom', datasetPath: jsonLines(...lines), numPrompts: Infinity, ...settings })).requests;
const asksChat = (lines: object[], settings: PlanSettings = {}) => asks(lines, { writer: asChat, backend: 'openai-chat', ...settings });

test.each([
  [{ prompt: STORY, output_tokens: 7 }],
  [{ prompt: STORY, output_len: 7 }],
  [{ prompt: STORY, max_tokens: 7 }],
  [{ task_id: 3, prompt: STORY, output_tokens: 7, lora_request: null, media_paths: [] }],
  [{ custom_id: 'a', method: 'POST', url: '/v1/completions', body: { model: 'other', prompt: STORY, max_tokens: 7 } }],
])('%j asks for a text', async (line) => {
  expect(await asks([line])).toEqual([{ index: 0, prompt: STORY, inputTokens: serverIds(STORY).length, outputTokens: 7 }]);
});

test.each([
  [{ input_ids: [5, 6, 7], output_tokens: 7 }],
  [{ logits: [5, 6, 7], output_tokens: 7 }],
  [{ prompt: [5, 6, 7], output_tokens: 7 }],
  [{ task_id: 0, prompt: 'not this', input_ids: [5, 6, 7], output_tokens: 7 }],
])('%j asks for ids', async (line) => {
  for (const writer of [asText, asIds]) expect(await asks([line], { writer })).toEqual([{ index: 0, prompt: [5, 6, 7], inputTokens: 3, outputTokens: 7 }]);
});

test('lines of benchmark_core_model ask for input and instruction, and for 1.3 tokens a word of the output', async () => {
  const task = { input: STORY, instruction: 'Go on', output: ' there was a\ngirl' };
  expect(await asks([task])).toEqual([{ index: 0, prompt: `${STORY} Go on`, inputTokens: serverIds(`${STORY} Go on`).length, outputTokens: 5 }]);
  expect(await asks([{ ...task, input: '', output: 'yes' }])).toMatchObject([{ prompt: 'Go on', outputTokens: 1 }]);
  expect(await asks([{ instruction: 'Go on' }], { customOutputLen: 9 })).toMatchObject([{ prompt: 'Go on', outputTokens: 9 }]);
  await expect(asks([{ instruction: 'Go on', output: '' }])).rejects.toThrow('expected output_tokens');
});

test('prompts above --max-input-len are left out and told of', async () => {
  const lines = [{ prompt: STORY, output_tokens: 1 }, { prompt: 'Go', output_tokens: 2 }];
  const settings: PlanSettings = { datasetName: 'custom', datasetPath: jsonLines(...lines), numPrompts: Infinity, maxInputLen: plainCount(STORY) - 1 };
  expect(await planned(settings)).toMatchObject({ requests: [{ index: 0, prompt: 'Go' }], notes: [{ code: 'dropped', text: `of 2 entries of the file 1 can be asked; left out: 1 prompts above ${settings.maxInputLen} tokens` }] });
  await expect(planned({ ...settings, maxInputLen: 1 })).rejects.toThrow('--max-input-len 1: every prompt');
});

const SYSTEM = { role: 'system', content: 'Be brief' };
const USER = { role: 'user', content: STORY };

test.each([
  [{ messages: [SYSTEM, USER], max_completion_tokens: 7, model: 'other', stream: false, temperature: 0.5 }],
  [{ custom_id: 'a', body: { messages: [SYSTEM, USER], max_tokens: 7, temperature: 0.5 } }],
])('%j asks for its messages with its own fields', async (line) => {
  expect(await asksChat([line])).toEqual([
    { index: 0, prompt: [SYSTEM, USER], inputTokens: plainCount('Be brief') + plainCount(STORY) + 9, inputIsEstimate: true, outputTokens: 7, fields: { temperature: 0.5 } },
  ]);
});

test('an answer at the end of messages gives the length and is not sent', async () => {
  const [request] = await asksChat([{ messages: [USER, { role: 'assistant', content: 'there was a girl' }] }]);
  expect(request).toMatchObject({ prompt: [USER], outputTokens: plainCount('there was a girl') });
});

test('turns of conversations follow one another; recorded answers give lengths and, on request, histories', async () => {
  const line = {
    conversations: [
      { from: 'system', value: 'Be brief' },
      { from: 'human', value: STORY },
      { from: 'gpt', value: 'there was a girl' },
      { from: 'human', value: 'and then' },
      { from: 'gpt', value: 'she played' },
    ],
    delay_ms: 40,
  };
  const answers = [plainCount('there was a girl'), plainCount('she played')];
  const requests = await asksChat([line, line]);
  expect(requests).toMatchObject([
    { index: 0, turn: 0, prompt: [SYSTEM, USER], outputTokens: answers[0] },
    { index: 1, turn: 1, prompt: 'and then', outputTokens: answers[1], delayMs: 40, inputTokens: requests[0]!.inputTokens + answers[0]! + plainCount('and then') },
    { index: 2, turn: 0 },
    { index: 3, turn: 1 },
  ]);
  expect(requests[0]).not.toHaveProperty('answer');
  expect((await asksChat([line], { recordedHistory: true }))[0]).toMatchObject({ answer: 'there was a girl' });
});

test('turns as texts take their length from the option and their delay from another', async () => {
  const requests = await asksChat([{ question_id: 81, category: 'writing', turns: ['Write', 'Again'] }], { customOutputLen: 12, turnDelayMs: 5 });
  expect(requests).toMatchObject([{ turn: 0, prompt: 'Write', outputTokens: 12 }, { turn: 1, prompt: 'Again', outputTokens: 12, delayMs: 5 }]);
});

test('a file is asked whole and in order, fewer are its first, and more are asked again behind a few words', async () => {
  const lines = ['one', 'two', 'three'].map((prompt) => ({ prompt, output_tokens: 1 }));
  expect((await asks(lines)).map(({ prompt }) => prompt)).toEqual(['one', 'two', 'three']);
  expect((await asks(lines, { numPrompts: 2 })).map(({ prompt }) => prompt)).toEqual(['one', 'two']);
  const more = await asks(lines, { numPrompts: 5 });
  expect(more.map(({ prompt }) => (prompt as string).split('\n').at(-1))).toEqual(['one', 'two', 'three', 'one', 'two']);
  expect(new Set(more.map(({ prompt }) => prompt)).size).toBe(5);
});

test("benchmark_serving's own form asks for the second message alone", async () => {
  const line = { input: { messages: [SYSTEM, USER], max_tokens: 7 } };
  const { requests } = await planned({ datasetName: 'trtllm_custom', datasetPath: jsonLines(line), numPrompts: Infinity });
  expect(requests).toMatchObject([{ prompt: STORY, outputTokens: 7 }]);
  await expect(planned({ datasetName: 'trtllm_custom', datasetPath: jsonLines(line, { input: { messages: [USER] } }) })).rejects.toThrow(':2: expected input.messages');
});

test.each([
  [{ prompt: 5, output_tokens: 1 }, ':1: expected prompt: text or token ids, found 5'],
  [{ prompt: 'x', output_tokens: 0 }, ':1: expected output_tokens: '],
  [{ text: 'x' }, ':1: expected prompt, input_ids, messages, conversations, turns or instruction, found text'],
  [{ prompt: 'x' }, ':1: expected output_tokens (or output_len, max_tokens; --custom-output-len gives all lines one), found none of them'],
  [{ body: { messages: [{ content: 'x' }] } }, ':1: expected messages.0.role: string, found nothing'],
  [{ prompt: 'x', output_tokens: 1, media_paths: ['a.png'] }, ':1: expected media_paths: no media, which are not supported yet'],
  [{ prompt: 'x', output_tokens: 1, lora_request: { lora_name: 'a' } }, ':1: expected lora_request: no LoRA, which is not supported yet'],
  [{ messages: [USER], max_tokens: 1 }, 'request 0 of the data set has chat messages or turns; give --backend openai-chat'],
])('%j is refused by what is wrong with it', async (line, message) => {
  await expect(asks([line])).rejects.toThrow(message);
});

test('chat endpoints are not sent ids', async () => {
  await expect(asksChat([{ input_ids: [1], output_tokens: 1 }])).rejects.toThrow('request 0 of the data set has token ids, which --backend openai-chat does not take');
});

test('a JSON array is read as lines are', async () => {
  const datasetPath = temporaryFile('data.json', '[\n{"prompt":"a","output_tokens":1},\n{"prompt":"b"}\n]');
  await expect(planned({ datasetName: 'custom', datasetPath, numPrompts: Infinity })).rejects.toThrow(`${datasetPath}:3: expected output_tokens`);
});
