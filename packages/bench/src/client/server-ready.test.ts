import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { isReady, untilReady } from './server-ready.js';

const cleanUp: (() => void)[] = [];
afterEach(() => cleanUp.splice(0).forEach((close) => close()));
const never = new AbortController().signal;

async function listening(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp.push(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a server is ready by /health, behind a path too, or by its models where it has no such route', async () => {
  const answer = (ready: Record<string, number>): RequestListener => (request, reply) => void reply.writeHead(ready[request.url!] ?? 404).end();
  expect(await isReady(await listening(answer({ '/health': 200 })), never)).toBe(true);
  expect(await isReady(`${await listening(answer({ '/proxy/health': 200 }))}/proxy/`, never)).toBe(true);
  expect(await isReady(await listening(answer({ '/v1/models': 200 })), never)).toBe(true);
  expect(await isReady(await listening(answer({ '/health': 503, '/v1/models': 200 })), never)).toBe(false);
  expect(await isReady('http://127.0.0.1:9', never)).toBe(false);
});

test('a server that loads is waited for, one that never gets ready is not, and an interruption ends the wait', async () => {
  let asked = 0;
  await untilReady(await listening((_, reply) => void reply.writeHead(++asked < 3 ? 503 : 200).end()), 60_000, never);
  expect(asked).toBe(3);
  await expect(untilReady('http://127.0.0.1:9', 1, never)).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE', message: expect.stringContaining('within 0.001 s (--ready-check-timeout-sec)') });
  const stop = new AbortController();
  const waiting = untilReady('http://127.0.0.1:9', 60_000, stop.signal);
  stop.abort();
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
});
