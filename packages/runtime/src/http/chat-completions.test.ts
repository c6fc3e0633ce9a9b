import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byteIds, eventsOf, serveFake, type Served } from '../testing/serve-fake.js';

let served: Served;
beforeAll(async () => {
  served = await serveFake();
});
afterAll(() => served.close());

const prompt_token_ids = byteIds('abcdef');

describe('POST /v1/chat/completions', () => {
  it('answers in the shape of the reference, nulls kept', async () => {
    expect(await served.chat({ prompt_token_ids, max_tokens: 3 })).toEqual({
      id: expect.stringMatching(/^chatcmpl-[0-9a-f]{32}$/),
      object: 'chat.completion',
      created: expect.any(Number),
      model: 'parrot',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'abc', refusal: null, reasoning_content: null, reasoning: null, tool_calls: [] },
          logprobs: null,
          finish_reason: 'length',
          stop_reason: null,
          mm_embedding_handle: null,
          disaggregated_params: null,
          avg_decoded_tokens_per_iter: 1,
        },
      ],
      usage: { prompt_tokens: 6, total_tokens: 9, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 2 } },
      prompt_token_ids: null,
    });
  });

  it('renders messages, given as text or as text parts, by the chat template', async () => {
    const ask = (messages: object[]) => served.chat({ messages, max_completion_tokens: 8 });
    const whole = await ask([{ role: 'user', content: 'One day' }]);
    const parts = await ask([{ role: 'system', content: 'unused' }, { role: 'user', content: [{ type: 'text', text: 'One day' }] }]);
    expect(whole.usage.prompt_tokens).toBeGreaterThan(0);
    expect(parts.choices[0].message.content).toBe(whole.choices[0].message.content);
    expect(whole.choices[0].message.content).toContain('One day'.slice(0, 3));
  });

  it('streams the role first, then text, then the finish, nulls dropped', async () => {
    const events = await eventsOf(await served.post('/v1/chat/completions', { prompt_token_ids, max_tokens: 4, stream: true, n: 2 }));
    expect(events.at(-1)).toBe('[DONE]');
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event));
    for (const index of [0, 1]) {
      const choices = chunks.flatMap((chunk) => chunk.choices).filter((choice) => choice.index === index);
      expect(choices[0]).toEqual({ index, delta: { role: 'assistant', content: '' }, finish_reason: null });
      expect(choices.map((choice) => choice.delta.content ?? '').join('')).toBe('abcd');
      expect(choices.map((choice) => choice.finish_reason)).toEqual([...choices.slice(1).map(() => null), 'length']);
    }
    expect(chunks.every((chunk) => chunk.object === 'chat.completion.chunk')).toBe(true);
  });

  it('gives logprobs with the bytes of each token', async () => {
    const reply = await served.chat({ prompt_token_ids: byteIds('é'), max_tokens: 2, logprobs: true, top_logprobs: 1 });
    expect(reply.choices[0].logprobs.content).toEqual([
      { token: 'bytes:\\xc3', logprob: -0.5, bytes: [0xc3], top_logprobs: [{ token: 'bytes:\\xc3', logprob: -0.5, bytes: [0xc3] }] },
      { token: 'bytes:\\xa9', logprob: -0.5, bytes: [0xa9], top_logprobs: [{ token: 'bytes:\\xa9', logprob: -0.5, bytes: [0xa9] }] },
    ]);
  });
});
