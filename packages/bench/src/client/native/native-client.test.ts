// Both clients read the same replies of a real server: whatever it does, they must tell the same of it.
import { chmodSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { builtLoadgen } from '../../test-support/loadgen.js';
import { temporaryFile } from '../../test-support/planned.js';
import { chat, completion, DONE, openStream, scriptedServer, sse, usage, type Script } from '../../test-support/scripted-server.js';
import { recordOf, type RequestRecord } from '../request-record.js';
import { StreamClient, type Exchange } from '../stream-client.js';
import { monotonicMs } from '../timeline.js';
import { NativeClient } from './native-client.js';

const executable = builtLoadgen();
const PLAN = { index: 0, prompt: 'x', inputTokens: 3, outputTokens: 4 };

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0)) await close();
});

interface Options {
  isStream?: boolean;
  timeoutMs?: number;
}

function nativeClient(url: string, more: Partial<ConstructorParameters<typeof NativeClient>[0]> = {}): NativeClient {
  const client = new NativeClient({
    executable: executable!,
    baseUrl: url,
    timeoutMs: 10_000,
    workers: 1,
    keepCoresAwake: false,
    connections: 0,
    spareConnections: 0,
    flushMs: 1,
    onProgress: () => {},
    ...more,
  });
  cleanUp.unshift(() => client.cancelAll());
  client.begin(0);
  return client;
}

async function byNative(url: string, { isStream = true, timeoutMs = 10_000 }: Options): Promise<RequestRecord> {
  const client = nativeClient(url, { timeoutMs });
  const exchange = await client.post({ path: '/v1/completions', body: '{}', isStream, scheduled: monotonicMs() });
  await client.finish();
  return recordOf(PLAN, exchange!);
}

async function byNode(url: string, { isStream = true, timeoutMs = 10_000 }: Options): Promise<RequestRecord> {
  const client = new StreamClient({ baseUrl: url, timeoutMs });
  cleanUp.unshift(() => client.close());
  return recordOf(PLAN, await client.post({ path: '/v1/completions', body: '{}', isStream, scheduled: monotonicMs() }));
}

/** All but times; the wording of a broken connection is each client's own. */
function told({ timeline, reason, ...record }: RequestRecord): object {
  return { ...record, reason: reason?.replace(/(connection closed mid-stream): .*/, '$1'), tokens: timeline.tokens, numStamps: timeline.stamps.length };
}

async function serve(script: Script): Promise<string> {
  const server = await scriptedServer(script);
  cleanUp.push(() => server.close());
  return server.url;
}

/** A server of bytes, in as many writes as given. */
async function serveBytes(...writes: (string | Buffer)[]): Promise<string> {
  const server = createServer((socket: Socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.once('data', async () => {
      for (const bytes of writes) {
        socket.write(bytes);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      socket.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

const SSE_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n';
const WHOLE = JSON.stringify({ choices: [{ text: 'a' }] });
const finish = (reason: string): string => sse({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });

const SCRIPTS: Record<string, { script: Script; expected: Partial<RequestRecord>; options?: Options }> = {
  'a whole stream': {
    script: (_, reply) => (openStream(reply), void reply.end(chat({ role: 'assistant' }) + chat({ content: 'é😀' }) + chat({ content: 'b' }) + sse({ choices: [], ...usage(3, 2) }) + DONE)),
    expected: { outcome: 'ok', text: 'é😀b', outputTokens: 2, serverInput: 3 },
  },
  'chunks that differ in their text, and now and then in more': {
    script: (_, reply) => {
      const chunk = (text: string, id = 'a'): string => sse({ id, choices: [{ index: 0, text, finish_reason: null }] });
      const texts = ['a', 'a', ' the', 'größer', '', '"', '\\', '\n', '\u0085', '"},"text":"', 'b'];
      reply.setHeader('content-type', 'text/event-stream');
      reply.end([...texts.map((text) => chunk(text)), ...texts.map((text) => chunk(text, 'other')), chunk('c'), sse({ choices: [], ...usage(3, 21) }) + DONE].join(''));
    },
    expected: { outcome: 'ok', outputTokens: 21, text: `${'aa thegrößer"\\\n\u0085"},"text":"b'.repeat(2)}c` },
  },
  'strings that only look like the text': {
    script: (_, reply) => (openStream(reply), void reply.end(['b', 'c', 'd'].map((text) => `data: {"text":"${text}","choices":[{"delta":{"content":"b"}}]}\n\n`).join('') + DONE)),
    expected: { outcome: 'ok', text: 'bbb', outputTokens: 3 },
  },
  'a chunk behind a failure': { script: (_, reply) => (openStream(reply), void reply.end(completion('a') + sse('no JSON') + completion('b') + DONE)), expected: { outcome: 'protocol', text: 'a' } },
  'a stream without [DONE]': { script: (_, reply) => (openStream(reply), void reply.end(chat({ content: 'a' }) + finish('length'))), expected: { outcome: 'ok', finishReason: 'length' } },
  'a stream that ends too early': { script: (_, reply) => (openStream(reply), void reply.end(chat({ content: 'a' }))), expected: { outcome: 'truncated' } },
  'an error in the stream': { script: (_, reply) => (openStream(reply), void reply.write(chat({ content: 'a' }) + sse({ error: { message: 'out of blocks' } }))), expected: { outcome: 'stream-error', reason: 'out of blocks' } },
  'an event that is no JSON': { script: (_, reply) => (openStream(reply), void reply.end(sse('{"choices":'))), expected: { outcome: 'protocol' } },
  'a refusal': { script: (_, reply) => void reply.writeHead(429, { 'content-type': 'application/json' }).end('{"error":{"message":"busy"}}'), expected: { outcome: 'http', reason: 'HTTP 429: busy' } },
  'a page instead of events': { script: (_, reply) => void reply.writeHead(200, { 'content-type': 'text/html' }).end('<html>'), expected: { outcome: 'protocol', reason: 'expected text/event-stream, found text/html' } },
  'a whole reply': { script: (_, reply) => void reply.end(JSON.stringify({ choices: [{ text: 'abc', finish_reason: 'stop' }], ...usage(3, 1) })), expected: { outcome: 'ok', text: 'abc' }, options: { isStream: false } },
  'a hang-up in the middle': { script: (_, reply) => (openStream(reply), void reply.write(completion('a'), () => reply.destroy())), expected: { outcome: 'truncated' } },
  'no reply at all': { script: () => {}, expected: { outcome: 'timeout', reason: 'no reply within the time limit' }, options: { timeoutMs: 150 } },
  'a stream that stands still': { script: (_, reply) => (openStream(reply), void reply.write(completion('a'))), expected: { outcome: 'timeout', reason: 'the stream stood still for the time limit' }, options: { timeoutMs: 150 } },
};

test.each([
  ['an older build, whose first word is how far it is', String.raw`\021\000\000\000\002\001\000\000\000\000\000\000\000\001\000\000\000\000\000\000\000`, /no greeting first.*another build/],
  ['a newer one', String.raw`\005\000\000\000\004\143\000\000\000`, /records of version 99, expected 2/],
])('%s is refused by name, and its requests with it', async (_, bytes, message) => {
  const script = temporaryFile('loadgen', `#!/bin/sh\nprintf '${bytes}'\nexec sleep 60\n`);
  chmodSync(script, 0o755);
  const client = nativeClient('http://127.0.0.1:1', { executable: script });
  const posted = client.post({ path: '/', body: '{}', isStream: true, scheduled: monotonicMs() });
  await expect(posted).rejects.toMatchObject({ code: 'WORKER_PROTOCOL', message: expect.stringMatching(message) as string });
  await expect(client.finish()).rejects.toThrow(message);
});

describe.skipIf(executable === undefined)('the native client', () => {
  test.each(Object.keys(SCRIPTS))('tells of %s what the client in Node tells', async (name) => {
    const { script, expected, options = {} } = SCRIPTS[name]!;
    const url = await serve(script);
    const record = await byNative(url, options);
    expect(record).toMatchObject(expected);
    expect(told(record)).toEqual(told(await byNode(url, options)));
  });

  test('reads the same however the bytes are cut and lines end', async () => {
    const stream = Buffer.from(`\ufeff: hello\r\n\r\ndata:${'{"choices":[{"text":"é"}]}'}\r\rdata: {"choices":\ndata: [{"text":"b"}]}\n\nevent: x\r\n${DONE}`);
    for (const size of [1, 3, 1000]) {
      const writes = Array.from({ length: Math.ceil(stream.length / size) }, (_, i) => stream.subarray(i * size, (i + 1) * size));
      const url = await serveBytes(SSE_HEAD, ...writes);
      expect(await byNative(url, {})).toMatchObject({ outcome: 'ok', text: 'éb' });
      expect(await byNode(url, {})).toMatchObject({ outcome: 'ok', text: 'éb' });
    }
  });

  test('sends at its time, keeps to the limit with any number of workers, and gives slots on', async () => {
    let running = 0;
    let most = 0;
    const url = await serve(async (_, reply) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      reply.end(JSON.stringify({ choices: [{ text: 'a' }] }));
    });
    const client = nativeClient(url, { workers: 3, maxConcurrency: 2 });
    const due = monotonicMs() + 50;
    const posts = Array.from({ length: 12 }, () => client.post({ path: '/', body: '{}', isStream: false, scheduled: due, takesSlot: true, isDueWithSlot: true }));
    const exchanges = (await Promise.all(posts)) as Exchange[];
    const farewell = await client.finish();
    expect(most).toBe(2);
    expect(exchanges.filter(({ scheduled }) => Math.abs(scheduled - due) < 1e-3)).toHaveLength(2);
    for (const { scheduled, sent, reply } of exchanges) {
      expect(reply.failure).toBeUndefined();
      expect(sent).toBeGreaterThanOrEqual(scheduled);
      expect(scheduled).toBeGreaterThan(due - 1e-3);
    }
    expect(farewell.cpuS).toBeGreaterThan(0);
  });

  test('with cores kept awake the same comes back, and what was spun is not its CPU time', async () => {
    const url = await serve(async (_, reply) => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      reply.end(WHOLE);
    });
    const client = nativeClient(url, { keepCoresAwake: true });
    const exchange = await client.post({ path: '/', body: '{}', isStream: false, scheduled: monotonicMs() });
    expect(exchange!.reply).toMatchObject({ failure: undefined, content: { text: 'a' } });
    expect((await client.finish()).cpuS).toBeLessThan(0.1);
  });

  test('a kept connection that the server has closed costs no request', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${WHOLE.length}\r\n\r\n${WHOLE}`));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanUp.push(() => server.close());
    const client = nativeClient(`http://127.0.0.1:${(server.address() as { port: number }).port}`, { maxConcurrency: 1 });
    const posts = Array.from({ length: 20 }, () => client.post({ path: '/', body: '{}', isStream: false, scheduled: 0, takesSlot: true }));
    for (const exchange of await Promise.all(posts)) expect(exchange!.reply).toMatchObject({ failure: undefined, content: { text: 'a' } });
    await client.finish();
  });

  test('an end by the user tells of open requests that they were cancelled, and nothing of those that wait', async () => {
    const url = await serve((_, reply) => (openStream(reply), void reply.write(completion('a'))));
    const client = nativeClient(url, { maxConcurrency: 1, onProgress: (_, numEvents) => numEvents > 0 && client.cancelAll() });
    const post = (): Promise<Exchange | undefined> => client.post({ path: '/', body: '{}', isStream: true, scheduled: 0, takesSlot: true });
    const [open, waiting] = await Promise.all([post(), post()]);
    expect(open!.reply.failure).toMatchObject({ outcome: 'cancelled' });
    expect(open!.reply.content.text).toBe('a');
    expect(waiting).toBeUndefined();
  });

  test('a server that is not there is named', async () => {
    const client = nativeClient('http://127.0.0.1:9');
    await expect(client.post({ path: '/', body: '{}', isStream: true, scheduled: 0 })).rejects.toThrow(/127\.0\.0\.1:9: Connection refused/);
    await expect(client.finish()).rejects.toThrow(/Connection refused/);
  });
});
