// Real sockets, scripted times: what the client stamps is compared with times worked out by hand.
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { recordOf, type RequestRecord } from './request-record.js';
import { StreamClient } from './stream-client.js';
import { chat, completion, DONE, openStream, ScriptedClock, scriptedServer, sse, usage, type Script } from '../test-support/scripted-server.js';
import { latenciesOf } from './timeline.js';

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0)) await close();
});

const PLAN = { index: 0, prompt: 'x', inputTokens: 3, outputTokens: 4 };

async function postTo(url: string, { clock = new ScriptedClock(), isStream = true, timeoutMs = 10_000 } = {}): Promise<RequestRecord> {
  const client = new StreamClient({ baseUrl: url, timeoutMs, clock: clock.now });
  cleanUp.unshift(() => client.close());
  return recordOf(PLAN, await client.post({ path: '/v1/completions', body: '{}', isStream, scheduled: 0 }));
}

async function post(script: Script, options: Parameters<typeof postTo>[1] = {}): Promise<RequestRecord> {
  const server = await scriptedServer(script);
  cleanUp.unshift(() => server.close());
  return postTo(server.url, options);
}

test('only events with text count, events of one read share a stamp, usage and [DONE] come after the end', async () => {
  const clock = new ScriptedClock();
  const record = await post(
    async (_, reply) => {
      openStream(reply);
      await clock.write(reply, 5, chat({ role: 'assistant' }));
      await clock.write(reply, 90, chat({ content: '' }));
      await clock.write(reply, 100, chat({ content: 'a' }));
      await clock.write(reply, 110, chat({ content: 'b' }));
      await clock.write(reply, 120, chat({ content: 'c' }) + chat({ content: 'd' }));
      await clock.write(reply, 121, sse({ choices: [], ...usage(3, 4) }));
      await clock.write(reply, 121.5, DONE);
      reply.end();
    },
    { clock },
  );
  expect(record).toMatchObject({ outcome: 'ok', outputTokens: 4, outputFrom: 'usage', serverInput: 3, text: 'abcd' });
  expect(record.timeline).toMatchObject({ sent: 0, stamps: [100, 110, 120, 120], done: 121.5 });
  expect(latenciesOf(record.timeline, 4)).toMatchObject({ ttft: 100, e2el: 120, icl: [10, 10], itl: [10, 5, 5] });
});

test('usage beside the last text loses neither', async () => {
  const record = await post((_, reply) => {
    openStream(reply);
    reply.end(completion('a') + completion('b', usage(3, 2)) + DONE);
  });
  expect(record).toMatchObject({ outcome: 'ok', outputTokens: 2, text: 'ab', timeline: { tokens: [1, 1] } });
});

test('a stream that ends after its finish reason is whole even where the server sends no [DONE]', async () => {
  const record = await post((_, reply) => {
    openStream(reply);
    const last = { index: 0, delta: {}, finish_reason: 'length' };
    reply.end(chat({ role: 'assistant' }) + chat({ content: 'a' }) + sse({ choices: [last], ...usage(3, 1) }));
  });
  expect(record).toMatchObject({ outcome: 'ok', finishReason: 'length', outputTokens: 1, serverInput: 3, timeline: { tokens: [1] } });
});

test('a connection that breaks after the finish reason is a failure all the same', async () => {
  const record = await post((_, reply) => {
    openStream(reply);
    reply.write(sse({ choices: [{ index: 0, text: 'a', finish_reason: 'length' }] }), () => reply.destroy());
  });
  expect(record).toMatchObject({ outcome: 'truncated', reason: expect.stringContaining('connection closed mid-stream') });
});

test('HTTP chunks of one read share a stamp even where the clock has moved', async () => {
  const clock = new ScriptedClock();
  const moving = () => (clock.at += 10);
  const server = await scriptedServer((_, reply) => {
    openStream(reply);
    setImmediate(() => {
      reply.cork();
      for (const text of ['a', 'b', 'c']) reply.write(completion(text));
      reply.end(DONE);
    });
  });
  const client = new StreamClient({ baseUrl: server.url, timeoutMs: 10_000, clock: moving });
  cleanUp.push(() => client.close(), () => server.close());
  const { reply } = await client.post({ path: '/', body: '{}', isStream: true, scheduled: 0 });
  expect(new Set(reply.content.stamps).size).toBe(1);
  expect(reply.content).toMatchObject({ text: 'abc', ends: [1, 2, 3] });
});

test('an event that spans reads takes the stamp of the read that completes it', async () => {
  const clock = new ScriptedClock();
  const event = Buffer.from(completion('é'));
  const middle = event.indexOf('é') + 1;
  const record = await post(
    async (_, reply) => {
      openStream(reply);
      await clock.write(reply, 10, event.subarray(0, middle));
      await clock.write(reply, 20, event.subarray(middle));
      reply.end(DONE);
    },
    { clock },
  );
  expect(record).toMatchObject({ text: 'é', timeline: { stamps: [20] } });
});

test('a reply in one piece is timed as a whole', async () => {
  const clock = new ScriptedClock();
  const body = JSON.stringify({ choices: [{ text: 'abc', finish_reason: 'length' }], ...usage(3, 4) });
  const record = await post(
    async (_, reply) => {
      reply.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
      await clock.write(reply, 70, body);
      reply.end();
    },
    { clock, isStream: false },
  );
  expect(record).toMatchObject({ outcome: 'ok', outputTokens: 4, text: 'abc', finishReason: 'length' });
  expect(latenciesOf(record.timeline, 4)).toMatchObject({ e2el: 70, itl: [] });
});

test('a server that sends no text is timed by its events, if usage says that it worked', async () => {
  const record = await post((_, reply) => {
    openStream(reply);
    reply.end(completion('') + completion('', usage(3, 2)) + DONE);
  });
  expect(record).toMatchObject({ outcome: 'ok', outputTokens: 2, text: '', timeline: { tokens: [1, 1] } });
});

const failures: [title: string, script: Script, expected: object][] = [
  [
    'a status above 400 with its message',
    (_, reply) => void reply.writeHead(429).end('{"error":{"message":"queue is full"}}'),
    { outcome: 'http', reason: 'HTTP 429: queue is full' },
  ],
  [
    "a status above 400 whose message is called detail, as FastAPI's is",
    (_, reply) => void reply.writeHead(422).end('{"detail":"Unexpected fields"}'),
    { outcome: 'http', reason: 'HTTP 422: Unexpected fields' },
  ],
  ['a status above 400 without JSON', (_, reply) => void reply.writeHead(502).end('Bad Gateway'), { outcome: 'http', reason: 'HTTP 502: Bad Gateway' }],
  [
    'an error object after text',
    (_, reply) => (openStream(reply), void reply.end(completion('a') + completion('b') + sse({ error: { message: 'worker died' } }))),
    { outcome: 'stream-error', reason: 'worker died', outputTokens: 2 },
  ],
  [
    'an error event',
    (_, reply) => (openStream(reply), void reply.end('event: error\ndata: {"message":"gone"}\n\n')),
    { outcome: 'stream-error', reason: '{"message":"gone"}' },
  ],
  [
    'an end with neither [DONE] nor a finish reason',
    (_, reply) => (openStream(reply), void reply.end(completion('a'))),
    { outcome: 'truncated', reason: 'the stream ended with neither [DONE] nor a finish_reason', outputTokens: 1 },
  ],
  [
    'a connection closed in mid-stream',
    (_, reply) => (openStream(reply), void reply.write(completion('a'), () => reply.destroy())),
    { outcome: 'truncated', reason: expect.stringContaining('connection closed mid-stream') },
  ],
  ['a connection closed before any reply', (_, reply) => void reply.destroy(), { outcome: 'connect' }],
  [
    'an event that is no JSON',
    (_, reply) => (openStream(reply), void reply.end(sse('{"choices":') + DONE)),
    { outcome: 'protocol', reason: 'not a JSON object: "{\\"choices\\":"' },
  ],
  [
    'JSON where a stream was asked for',
    (_, reply) => void reply.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
    { outcome: 'protocol', reason: 'expected text/event-stream, found application/json' },
  ],
  ['a proper end without content', (_, reply) => (openStream(reply), void reply.end(DONE)), { outcome: 'empty' }],
];

test.each(failures)('%s is a failure with its reason', async (_, script, expected) => {
  expect(await post(script)).toMatchObject(expected);
});

test('a stream that stands still is a timeout', async () => {
  const record = await post((_, reply) => (openStream(reply), void reply.write(completion('a'))), { timeoutMs: 50 });
  expect(record).toMatchObject({ outcome: 'timeout', outputTokens: 1 });
});

test('a port where nobody listens is a failure to connect', async () => {
  const listener = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  const record = await postTo(`http://127.0.0.1:${port}`);
  expect(record).toMatchObject({ outcome: 'connect', reason: expect.stringContaining('ECONNREFUSED'), timeline: { sent: Number.NaN } });
});

test('cancelling ends open requests as cancelled', async () => {
  const server = await scriptedServer((_, reply) => (openStream(reply), void reply.write(completion('a'))));
  const client = new StreamClient({ baseUrl: server.url, timeoutMs: 10_000 });
  cleanUp.push(() => server.close());
  const onEvents = (): void => void client.cancelAll();
  const exchange = await client.post({ path: '/', body: '{}', isStream: true, scheduled: 0, onEvents });
  expect(recordOf(PLAN, exchange)).toMatchObject({ outcome: 'cancelled', outputTokens: 1 });
});
