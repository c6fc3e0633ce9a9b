import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeFakeEngine } from '../testing/fake-engine.js';
import { serveFake, type Served } from '../testing/serve-fake.js';

// As events of one token: 20 MB, more than the sockets between hold.
const NUM_TOKENS = 60_000;

let served: Served;
beforeAll(async () => {
  const ready = { max_seq_len: 100_000, num_blocks: 10_000 };
  served = await serveFake({}, {}, makeFakeEngine({ ready }, { hasTokenizer: false }));
});
afterAll(() => served.close());

it('a reader that pauses holds up nobody, and gets every token when it goes on', async () => {
  const body = JSON.stringify({ model: 'parrot', prompt: [70, 71], max_tokens: NUM_TOKENS, stream: true });
  const socket = connect(Number(new URL(served.server.url).port), '127.0.0.1');
  socket.pause();
  socket.write(`POST /v1/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  await expect.poll(async () => ((await (await served.get('/metrics')).json()) as object[]).length, { timeout: 10_000 }).toBe(1);
  expect((await served.completion({ prompt: [70], max_tokens: 1 })).choices[0].finish_reason).toBe('length');
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  const lists = [...text.matchAll(/"token_ids":\[([\d,]*)\]/g)].map((match) => match[1]!.split(',').length);
  expect(lists.reduce((sum, length) => sum + length, 0)).toBe(NUM_TOKENS);
  expect(text).toContain('data: [DONE]');
});
