import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFakeEngine } from '../testing/fake-engine.js';
import { eventsOf, serveFake, type Served } from '../testing/serve-fake.js';

let served: Served;
beforeAll(async () => {
  served = await serveFake({}, {}, makeFakeEngine({}, { hasTokenizer: false }));
});
afterAll(() => served.close());

describe('an engine without a tokenizer', () => {
  it('takes ids and gives ids; text is null', async () => {
    const reply = await served.completion({ prompt: [70, 71], max_tokens: 3, logprobs: 1, echo: true });
    expect(reply.choices[0]).toMatchObject({ text: null, token_ids: [70, 71, 70, 71, 70], finish_reason: 'length' });
    expect(reply.choices[0].logprobs.tokens[0]).toBe('token_id:70');
    const chat = await served.chat({ prompt_token_ids: [70, 71], max_tokens: 3 });
    expect(chat.choices[0]).toMatchObject({ message: { content: null }, token_ids: [70, 71, 70] });
  });

  it('streams ids', async () => {
    const events = await eventsOf(await served.post('/v1/completions', { prompt: [70, 71], max_tokens: 4, stream: true }));
    expect(events.slice(0, -1).flatMap((event) => JSON.parse(event).choices[0].token_ids)).toEqual([70, 71, 70, 71]);
  });

  it('refuses text with the mend', async () => {
    expect((await served.completion({ prompt: 'hi' })).error.message).toMatch(/no tokenizer; send token ids, or start the server with --tokenizer DIR/);
    expect((await served.chat({ messages: [{ role: 'user', content: 'hi' }] })).error.message).toMatch(/no tokenizer; send prompt_token_ids/);
    expect((await served.completion({ prompt: [5], stop: 'x' })).error.message).toMatch(/use stop_token_ids/);
  });
});
