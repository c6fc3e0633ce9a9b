import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { Connections } from './connections.js';

const SLOW_READER_MS = 120;
/** Where a reader must not be cut off: longer than a busy machine stands still. */
const PATIENT_MS = 1000;
/** More than the sockets between hold. */
const REPLY = Buffer.alloc(32 * 1024 * 1024, 'x');

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(slowReaderMs = SLOW_READER_MS) {
  const server = createServer((request, response) => {
    if (request.url === '/large') response.end(REPLY);
  });
  const connections = new Connections(server, slowReaderMs);
  cleanups.push(() => connections.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ask = (path: string): Socket => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    cleanups.push(() => socket.destroy());
    return socket;
  };
  return { connections, ask };
}

it('a reader that takes nothing is cut off', async () => {
  const { connections, ask } = await start();
  ask('/large').pause();
  await expect.poll(() => connections.size).toBe(1);
  await expect.poll(() => connections.size, { timeout: 5000 }).toBe(0);
});

it('a reader that waits for its reply, or takes it piece by piece, is not', async () => {
  const { connections, ask } = await start(PATIENT_MS);
  ask('/waits');
  let taken = 0;
  const start_ms = performance.now();
  for await (const piece of ask('/large')) {
    taken += (piece as Buffer).length;
    await new Promise((resolve) => setTimeout(resolve, 3)); // 64 KiB a piece: 1.5 s in all
  }
  expect(taken).toBeGreaterThan(REPLY.length);
  expect(performance.now() - start_ms).toBeGreaterThan(PATIENT_MS);
  expect(connections.size).toBe(1);
});

it('closing ends idle connections at once', async () => {
  const { connections, ask } = await start();
  ask('/waits');
  await expect.poll(() => connections.size).toBe(1);
  const start_ms = performance.now();
  await connections.close();
  expect(performance.now() - start_ms).toBeLessThan(1000);
});
