import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { byteIds, eventsOf, serveFake, type Served } from '../testing/serve-fake.js';

let served: Served;
beforeAll(async () => {
  served = await serveFake();
});
afterAll(() => served.close());

const completion = (fields: object) => served.completion({ max_tokens: 6, ...fields });
const streamed = async (fields: object) => eventsOf(await served.post('/v1/completions', { max_tokens: 6, stream: true, ...fields }));

describe('POST /v1/completions', () => {
  it('answers in the shape of the reference, nulls kept', async () => {
    const reply = await completion({ prompt: byteIds('abcdef') });
    expect(reply).toEqual({
      id: expect.stringMatching(/^cmpl-[0-9a-f]{32}$/),
      object: 'text_completion',
      created: expect.any(Number),
      model: 'parrot',
      choices: [
        {
          index: 0,
          text: 'abcdef',
          token_ids: null,
          logprobs: null,
          context_logits: null,
          finish_reason: 'length',
          stop_reason: null,
          disaggregated_params: null,
          avg_decoded_tokens_per_iter: 1,
        },
      ],
      usage: { prompt_tokens: 6, total_tokens: 12, completion_tokens: 6, prompt_tokens_details: { cached_tokens: 2 } },
      prompt_token_ids: null,
    });
  });

  it('takes a prompt as text, texts, ids or lists of ids', async () => {
    for (const prompt of ['Once upon', ['Once upon'], byteIds('xyz'), [byteIds('xyz')]])
      expect((await completion({ prompt })).choices[0].text.length, JSON.stringify(prompt)).toBeGreaterThan(0);
    const two = await completion({ prompt: [byteIds('abc'), byteIds('xyz')], n: 2 });
    expect(two.choices.map((choice: any) => [choice.index, choice.text])).toEqual([
      [0, 'abcabc'],
      [1, 'abcabc'],
      [2, 'xyzxyz'],
      [3, 'xyzxyz'],
    ]);
    expect(two.usage).toMatchObject({ prompt_tokens: 6, completion_tokens: 24 });
  });

  it('streams pieces that join to the text, then [DONE]', async () => {
    const events = await streamed({ prompt: byteIds('abcdef'), stream_options: { include_usage: true } });
    expect(events.at(-1)).toBe('[DONE]');
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event));
    expect(chunks.flatMap((chunk) => chunk.choices).map((choice) => choice.text).join('')).toBe('abcdef');
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 6, completion_tokens: 6 } });
    expect(chunks.at(-2)).toMatchObject({ choices: [{ finish_reason: 'length' }], usage: null });
  });

  it('gives usage in every chunk where that is asked for, and in none where it is not', async () => {
    const continuous = await streamed({ prompt: [70, 71], stream_options: { continuous_usage_stats: true } });
    expect(continuous.slice(0, -1).every((event) => JSON.parse(event).usage.prompt_tokens === 2)).toBe(true);
    expect((await streamed({ prompt: [70, 71] })).some((event) => event.includes('usage'))).toBe(false);
  });

  it('never splits a character, and ends half a one with U+FFFD', async () => {
    const text = 'é😀';
    for (let max_tokens = 1; max_tokens <= 6; max_tokens++) {
      const whole = (await completion({ prompt: byteIds(text), max_tokens })).choices[0].text;
      const events = await streamed({ prompt: byteIds(text), max_tokens });
      const pieces = events.slice(0, -1).map((event) => JSON.parse(event).choices[0].text);
      expect(pieces.join('')).toBe(whole);
      const expected = Buffer.from(text).subarray(0, max_tokens).toString('utf8');
      expect(whole.replace(/\ufffd+$/, '')).toBe(expected.replace(/\ufffd+$/, ''));
      expect(whole.endsWith('\ufffd')).toBe(expected.endsWith('\ufffd'));
    }
  });

  it('ends at a stop string across token borders, and names it', async () => {
    const choice = async (fields: object) => (await completion({ prompt: byteIds('one two'), max_tokens: 7, ...fields })).choices[0];
    expect(await choice({ stop: ['xx', ' tw'] })).toMatchObject({ text: 'one', finish_reason: 'stop', stop_reason: ' tw' });
    expect(await choice({ stop: ' tw', include_stop_str_in_output: true })).toMatchObject({ text: 'one tw', stop_reason: ' tw' });
    expect(await choice({ stop: 'one', min_tokens: 4 })).toMatchObject({ text: 'one two', finish_reason: 'length' });
    expect(await choice({ stop: 'two!' })).toMatchObject({ text: 'one two', finish_reason: 'length' });
  });

  it('ends at end of text without saying it, at a stop token by its id, and at neither where it is told so', async () => {
    const prompt = [...byteIds('ab'), 2, ...byteIds('cd')];
    expect((await completion({ prompt })).choices[0]).toMatchObject({ text: 'ab', finish_reason: 'stop', stop_reason: null });
    expect((await completion({ prompt, ignore_eos: true, max_tokens: 5 })).choices[0]).toMatchObject({ text: 'abcd', finish_reason: 'length' });
    const [b] = byteIds('b');
    expect((await completion({ prompt, stop_token_ids: [b] })).choices[0]).toMatchObject({ text: 'a', finish_reason: 'stop', stop_reason: b });
  });

  it('gives logprobs with offsets, and the taken token among them', async () => {
    const { choices } = await completion({ prompt: byteIds('aé'), max_tokens: 3, logprobs: 2 });
    expect(choices[0].logprobs).toEqual({
      text_offset: [0, 1, 1],
      token_logprobs: [-0.5, -0.5, -0.5],
      tokens: ['a', 'bytes:\\xc3', 'bytes:\\xa9'],
      top_logprobs: [
        { a: -0.5, b: -1.5 },
        { 'bytes:\\xc3': -0.5, 'bytes:\\xc4': -1.5 },
        { 'bytes:\\xa9': -0.5, 'bytes:\\xaa': -1.5 },
      ],
    });
    expect((await completion({ prompt: byteIds('a'), max_tokens: 1, logprobs: 0 })).choices[0].logprobs.top_logprobs).toEqual([{ a: -0.5 }]);
  });

  it('scores a prompt as evaluation harnesses ask for it', async () => {
    const prompt = byteIds('abc');
    const one = (await completion({ prompt, echo: true, logprobs: 1, max_tokens: 1, temperature: 0 })).choices[0];
    expect(one.text).toBe('abca');
    expect(one.logprobs).toMatchObject({
      tokens: ['a', 'b', 'c', 'a'],
      token_logprobs: [null, -0.5, -0.5, -0.5],
      text_offset: [0, 1, 2, 3],
      top_logprobs: [null, { b: -0.5 }, { c: -0.5 }, { a: -0.5 }],
    });
    const none = await completion({ prompt, echo: true, logprobs: 1, max_tokens: 0 });
    expect(none.choices[0].text).toBe('abc');
    expect(none.choices[0].logprobs.token_logprobs).toEqual([null, -0.5, -0.5]);
    expect(none.usage.completion_tokens).toBe(0);
  });

  it('echoes in a stream as well, once a choice', async () => {
    const events = await streamed({ prompt: byteIds('abc'), echo: true, max_tokens: 2, logprobs: 0 });
    const choices = events.slice(0, -1).map((event) => JSON.parse(event).choices[0]);
    expect(choices.map((choice) => choice.text).join('')).toBe('abcab');
    expect(choices.flatMap((choice) => choice.logprobs.text_offset)).toEqual([0, 1, 2, 3, 4]);
  });

  it('gives ids in place of text where detokenize is off', async () => {
    expect((await completion({ prompt: [70, 71], max_tokens: 3, detokenize: false })).choices[0]).toMatchObject({ text: '', token_ids: [70, 71, 70] });
  });

  it('keeps the last tokens of a prompt that is to be truncated', async () => {
    const reply = await completion({ prompt: byteIds('abcdef'), truncate_prompt_tokens: 2, max_tokens: 2 });
    expect(reply).toMatchObject({ choices: [{ text: 'ef' }], usage: { prompt_tokens: 2 } });
  });

  it('returns context logits, a row a prompt token', async () => {
    const rows = (await completion({ prompt: [70, 71, 72], return_context_logits: true })).choices[0].context_logits;
    expect(rows).toHaveLength(3);
    expect(rows[2][256]).toBe(2.25);
  });

  it('draws sample i with seed + i, and with 64 bits', async () => {
    await served.get('/metrics');
    await completion({ prompt: [70], n: 2, seed: 5, max_tokens: 1 });
    await served.post('/v1/completions', '{"model":"parrot","prompt":[70],"max_tokens":1,"seed":18446744073709551615}');
    // The worker's statistics follow the last token: they may come after the reply.
    const seeds: string[] = [];
    await vi.waitFor(async () => {
      seeds.push(...((await (await served.get('/metrics')).json()) as any[]).map((record) => record.seed));
      expect(seeds).toEqual(['5', '6', '18446744073709551615']);
    });
  });

  it('fills the context where max_tokens is unset', async () => {
    expect((await served.completion({ prompt: [70, 71] })).usage.total_tokens).toBe(200);
  });

  it('runs more samples than the batch holds, a batch at a time', async () => {
    const reply = await completion({ prompt: [70], n: 50, max_tokens: 3 });
    expect(reply.choices.map((choice: any) => choice.index)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });
});
