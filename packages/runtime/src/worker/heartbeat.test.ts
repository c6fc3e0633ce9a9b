import type { Ready } from '@trtllm/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { WorkerConnection, WorkerMessage } from './connection.js';
import { WorkerClient } from './worker-client.js';
import type { WorkerProcess } from './worker-process.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new Promise<never>(() => {});

function silentWorker() {
  const onMessage: (message: WorkerMessage) => void = () => {};
  const connection = { onMessage, closed: never, send: vi.fn(), close: vi.fn() };
  const process = { exited: never, pid: 1, kill: vi.fn(), terminate: vi.fn() };
  const client = new WorkerClient(connection as unknown as WorkerConnection, process as unknown as WorkerProcess, {} as Ready);
  return { client, connection, process };
}

it('a worker that does not answer is stalled after 10 s and killed after 30 s', () => {
  const { client, process } = silentWorker();
  vi.advanceTimersByTime(9_000);
  expect(client.isStalled).toBe(false);
  vi.advanceTimersByTime(1_000);
  expect(client.isStalled).toBe(true);
  vi.advanceTimersByTime(20_000);
  expect(process.kill).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1_000);
  expect(process.kill).toHaveBeenCalled();
});

it('a pong says that it is well', () => {
  const { client, connection, process } = silentWorker();
  for (let i = 0; i < 20; i++) {
    vi.advanceTimersByTime(5_000);
    connection.onMessage({ header: { type: 'pong', nonce: 1 }, tail: new Uint8Array() });
  }
  expect(client.isStalled).toBe(false);
  expect(process.kill).not.toHaveBeenCalled();
  expect(connection.send).toHaveBeenCalledWith({ type: 'ping', nonce: expect.any(Number) });
});
