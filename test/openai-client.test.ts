// The official openai client against a real `trtllm serve` of the bundled model.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { APIError } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STORIES, storiesEngine, type TestEngine } from './support/engines.js';
import { startServer, type TestServer } from './support/server.js';

const reference = JSON.parse(readFileSync(join(STORIES, 'reference.json'), 'utf8')) as { prompt: string; prompt_token_ids: number[]; greedy_token_ids: number[]; text: string };
const story = reference.text.slice(reference.prompt.length);
const greedy = { prompt: reference.prompt, max_tokens: 64, temperature: 0 };
const messages = [{ role: 'user' as const, content: reference.prompt }];

let engine: TestEngine;
let server: TestServer;
beforeAll(async () => {
  engine = await storiesEngine();
  server = await startServer(engine.directory);
});
afterAll(async () => {
  await server?.stop();
  await engine?.remove();
});

const complete = (fields: object = {}) => server.client.completions.create({ model: server.model, ...greedy, ...fields, stream: false });
const chat = (fields: object = {}) => server.client.chat.completions.create({ model: server.model, messages, max_tokens: 40, temperature: 0, ...fields, stream: false });

describe('completions', () => {
  it("continue a prompt as the reference does, with the usage counted", async () => {
    const { choices, usage, object, model } = await complete();
    expect(choices).toHaveLength(1);
    expect(choices[0]).toMatchObject({ text: story, finish_reason: 'length', index: 0 });
    expect(usage).toMatchObject({ prompt_tokens: reference.prompt_token_ids.length, completion_tokens: 64, total_tokens: reference.prompt_token_ids.length + 64 });
    expect({ object, model }).toEqual({ object: 'text_completion', model: server.model });
  });

  it('take token ids as they take text', async () => {
    expect((await complete({ prompt: reference.prompt_token_ids })).choices[0]!.text).toBe(story);
  });

  it('stream the same text, then one chunk with the usage', async () => {
    const stream = await server.client.completions.create({ model: server.model, ...greedy, stream: true, stream_options: { include_usage: true } });
    let text = '';
    const ends: string[] = [];
    const usages = [];
    for await (const chunk of stream) {
      text += chunk.choices[0]?.text ?? '';
      if (chunk.choices[0]?.finish_reason) ends.push(chunk.choices[0].finish_reason);
      if (chunk.usage) usages.push({ choices: chunk.choices.length, completion_tokens: chunk.usage.completion_tokens });
    }
    expect(text).toBe(story);
    expect(ends).toEqual(['length']);
    expect(usages).toEqual([{ choices: 0, completion_tokens: 64 }]);
  });

  it('answer several prompts with n samples each, in order', async () => {
    const { choices, usage } = await complete({ prompt: ['Once upon a time', 'Lily'], n: 3, max_tokens: 8 });
    expect(choices.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
    const texts = choices.map(({ text }) => text);
    expect(new Set(texts.slice(0, 3))).toEqual(new Set([story.slice(0, texts[0]!.length)]));
    expect(new Set(texts.slice(3)).size).toBe(1);
    expect(texts[3]).not.toBe(texts[0]);
    expect(usage!.completion_tokens).toBe(48);
  });

  it('draw n different samples at a temperature, the same ones again for the same seed', async () => {
    const draw = async (seed: number) => (await complete({ n: 3, temperature: 1.5, seed })).choices.map(({ text }) => text);
    const first = await draw(7);
    expect(new Set(first).size).toBe(3);
    expect(await draw(7)).toEqual(first);
    expect(await draw(8)).not.toEqual(first);
  });

  it('end before a stop string that lies across tokens, streaming or not', async () => {
    const inStory = 'side in the pa'; // from inside one word into another
    const notInStory = 'side in the pb';
    const expected = story.slice(0, story.indexOf(inStory));
    expect(expected.length).toBeGreaterThan(0);
    const whole = await complete({ stop: [notInStory, inStory] });
    expect(whole.choices[0]).toMatchObject({ text: expected, finish_reason: 'stop', stop_reason: inStory });
    let text = '';
    for await (const chunk of await server.client.completions.create({ model: server.model, ...greedy, stop: [inStory], stream: true })) text += chunk.choices[0]?.text ?? '';
    expect(text).toBe(expected);
  });

  it('echo the prompt with log-probabilities of every token but the first', async () => {
    const { choices } = await complete({ echo: true, logprobs: 2, max_tokens: 4 });
    const { text, logprobs } = choices[0]!;
    const numTokens = reference.prompt_token_ids.length + 4;
    expect(text.startsWith(reference.prompt)).toBe(true);
    expect(logprobs!.token_logprobs).toHaveLength(numTokens);
    expect(logprobs!.token_logprobs![0]).toBeNull();
    for (const [i, value] of logprobs!.token_logprobs!.slice(1).entries()) {
      expect(value).toBeLessThanOrEqual(0);
      expect(Object.keys(logprobs!.top_logprobs![i + 1]!).length).toBeGreaterThanOrEqual(2);
    }
    const generated = logprobs!.tokens!.slice(-4);
    expect(generated.join('')).toBe(text.slice(reference.prompt.length));
    for (const [i, offset] of logprobs!.text_offset!.slice(-4).entries()) expect(text.slice(offset).startsWith(generated[i]!)).toBe(true);
  });
});

describe('chat', () => {
  it('streams the text of the whole reply, the role first', async () => {
    const whole = await chat();
    expect(whole.object).toBe('chat.completion');
    expect(whole.choices[0]!.message).toMatchObject({ role: 'assistant', refusal: null });
    expect(whole.choices[0]!.message.content!.length).toBeGreaterThan(20);
    const stream = await server.client.chat.completions.create({ model: server.model, messages, max_tokens: 40, temperature: 0, stream: true });
    const deltas = [];
    const ids = new Set<string>();
    for await (const chunk of stream) {
      deltas.push(chunk.choices[0]!.delta);
      ids.add(chunk.id);
    }
    expect(deltas[0]).toEqual({ role: 'assistant', content: '' });
    expect(deltas.map(({ content }) => content ?? '').join('')).toBe(whole.choices[0]!.message.content);
    expect(ids.size).toBe(1);
  });

  it('runs the helper of the client that gathers a stream', async () => {
    const final = await server.client.chat.completions.stream({ model: server.model, messages, max_tokens: 12, temperature: 0, n: 2 }).finalChatCompletion();
    const whole = await chat({ max_tokens: 12 });
    expect(final.choices.map(({ message }) => message.content)).toEqual(Array(2).fill(whole.choices[0]!.message.content));
  });

  it('gives log-probabilities whose bytes join to the text', async () => {
    const { choices } = await chat({ logprobs: true, top_logprobs: 3, max_tokens: 12 });
    const { message, logprobs } = choices[0]!;
    expect(logprobs!.content).toHaveLength(12);
    const bytes = logprobs!.content!.flatMap((each) => each.bytes!);
    expect(new TextDecoder().decode(Uint8Array.from(bytes))).toBe(message.content);
    for (const { token, logprob, top_logprobs } of logprobs!.content!) {
      expect(top_logprobs).toHaveLength(3);
      // Greedy: the token taken is the likeliest.
      expect(top_logprobs[0]).toMatchObject({ token, logprob });
    }
  });

  it('makes its prompt with the template, text parts included', async () => {
    const parts = await chat({ messages: [{ role: 'system', content: 'left out by this template' }, { role: 'user', content: [{ type: 'text', text: reference.prompt }] }] });
    expect(parts.choices[0]!.message.content).toBe((await chat()).choices[0]!.message.content);
  });
});

describe('models and refusals', () => {
  it('list the served model', async () => {
    expect((await server.client.models.list()).data.map(({ id }) => id)).toEqual([server.model]);
  });

  it.each([
    ['an unknown model', { model: 'gpt-nope' }, 404, 'model_not_found', 'model'],
    ['an unknown field, naming the near one', { tempratur: 1 }, 400, 'unknown_parameter', 'tempratur'],
    ['a field that is known and not done', { logit_bias: { 3: 1 } }, 400, 'unsupported_parameter', 'logit_bias'],
    ['a number out of range', { temperature: -1 }, 400, null, 'temperature'],
    ['a prompt beyond the context', { prompt: 'Once upon '.repeat(300) }, 400, 'context_length_exceeded', undefined],
    ['a token id beyond the vocabulary', { prompt: [1, 512] }, 400, undefined, undefined],
  ])('refuse %s', async (_, fields, status, code, param) => {
    const error = await complete(fields).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(APIError);
    const refusal = error as APIError;
    expect(refusal.status).toBe(status);
    if (code !== undefined) expect(refusal.code).toBe(code);
    if (param !== undefined) expect(refusal.param).toBe(param);
    expect(refusal.type).toBe('invalid_request_error');
  });

  it('refuse a stream before its first byte, as plain JSON', async () => {
    const stream = server.client.chat.completions.create({ model: 'gpt-nope', messages, stream: true });
    await expect(stream).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });
});
