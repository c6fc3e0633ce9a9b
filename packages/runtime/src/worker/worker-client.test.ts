import { afterEach, describe, expect, it } from 'vitest';
import { makeFakeEngine, type FakeBehaviour, type FakeEngine } from '../testing/fake-engine.js';
import type { RequestUpdate } from './request-stream.js';
import { startWorker } from './start-worker.js';
import type { WorkerClient, WorkerRequest } from './worker-client.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function fakeEngine(behaviour: FakeBehaviour): FakeEngine {
  const engine = makeFakeEngine(behaviour);
  cleanups.push(engine.remove);
  return engine;
}

async function start(behaviour: FakeBehaviour = {}, limits?: Parameters<typeof startWorker>[3]): Promise<WorkerClient> {
  const engine = fakeEngine(behaviour);
  const options = { executable: `${engine.nativeDirectory}/trtllm-worker`, engineDirectory: engine.engineDirectory };
  const worker = await startWorker(options, () => {}, undefined, limits);
  cleanups.push(() => worker.kill());
  return worker;
}

const request = (fields: Partial<WorkerRequest> = {}): WorkerRequest => ({
  prompt_ids: [5, 6, 7],
  max_tokens: 4,
  sampling: { temperature: 0 },
  stop_token_ids: [],
  ...fields,
});

async function collect(stream: AsyncIterable<RequestUpdate>): Promise<{ ids: number[]; finish: string | undefined }> {
  const ids: number[] = [];
  let finish: string | undefined;
  for await (const update of stream) {
    ids.push(...update.token_ids);
    finish = update.finish;
  }
  return { ids, finish };
}

describe('a worker', () => {
  it('gives each request its own stream', async () => {
    const worker = await start();
    const streams = [request(), request({ prompt_ids: [9], max_tokens: 2 }), request({ stop_token_ids: [6] })];
    expect(await Promise.all(streams.map((each) => collect(worker.submit(each))))).toEqual([
      { ids: [5, 6, 7, 5], finish: 'length' },
      { ids: [9, 9], finish: 'length' },
      { ids: [5, 6], finish: 'stop' },
    ]);
    expect(worker.numOpen).toBe(0);
  });

  it('tells when tokens came, and in which iteration', async () => {
    const worker = await start({ step_ms: 5 });
    const before = performance.now();
    const updates: RequestUpdate[] = [];
    for await (const update of worker.submit(request({ max_tokens: 3 }))) updates.push(update);
    const times = updates.map(({ received_ms }) => received_ms);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBeGreaterThan(before);
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(1);
    expect(updates.at(-1)!.iteration).toBe(updates[0]!.iteration! + 2);
  });

  it('hands 64-bit seeds over exactly', async () => {
    const worker = await start();
    const stats = new Promise((resolve) => (worker.onStats = resolve));
    await collect(worker.submit(request({ sampling: { seed: 18446744073709551615n } })));
    expect(await stats).toMatchObject({ records: [{ seed: '18446744073709551615' }] });
  });

  it('merges what a slow reader leaves unread', async () => {
    const worker = await start();
    const stream = worker.submit(request({ max_tokens: 50 }));
    await expect.poll(() => worker.numOpen).toBe(0);
    const updates: RequestUpdate[] = [];
    for await (const update of stream) updates.push(update);
    expect(updates).toHaveLength(1);
    expect(updates[0]).toMatchObject({ finish: 'length', cached_tokens: 2 });
    expect(updates[0]!.token_ids).toHaveLength(50);
  });

  it('lets go of a request whose reader leaves early', async () => {
    const worker = await start({ step_ms: 5 });
    for await (const _ of worker.submit(request({ max_tokens: 10_000 }))) break;
    await expect.poll(() => worker.numOpen).toBe(0);
  });

  it('lets go of a request that is aborted, and its stream ends at once', async () => {
    const worker = await start({ step_ms: 5 });
    const abort = new AbortController();
    const stream = collect(worker.submit(request({ max_tokens: 10_000 }), abort.signal));
    abort.abort();
    expect((await stream).finish).toBe('cancelled');
    await expect.poll(() => worker.numOpen).toBe(0);
  });

  it('delivers context logits before the first token', async () => {
    const worker = await start();
    const updates: RequestUpdate[] = [];
    for await (const update of worker.submit(request({ context_logits: true }))) updates.push(update);
    const [part] = updates.flatMap((update) => update.context_logits);
    expect(part).toMatchObject({ first_row: 0, num_rows: 3, vocab_size: 512 });
    expect(part!.values[512 * 2 + 512 / 2]).toBe(2.25);
  });

  it('ends one request alone where it refuses it', async () => {
    const worker = await start({ error: { code: 'REQUEST_TOO_LONG', message: 'too long by far' } });
    await expect(collect(worker.submit(request()))).rejects.toMatchObject({ code: 'REQUEST_TOO_LONG', message: 'too long by far' });
    expect(worker.numOpen).toBe(0);
  });

  it('takes every open stream with it when it is killed, at once, with the signal by name', async () => {
    const worker = await start({ step_ms: 5 });
    const streams = Array.from({ length: 8 }, () => collect(worker.submit(request({ max_tokens: 10_000 }))));
    worker.kill();
    const start_ms = performance.now();
    for (const stream of streams)
      await expect(stream).rejects.toMatchObject({ code: 'WORKER_EXITED', message: expect.stringContaining('was killed by SIGKILL') });
    expect(performance.now() - start_ms).toBeLessThan(1000);
    expect(() => worker.submit(request())).toThrow('was killed by SIGKILL');
  });

  it('ends politely when it is asked to, and firmly when it does not', async () => {
    expect(await (await start()).stop(5000)).toBe('exited with status 0');
    expect(await (await start({ drain_ms: 60_000 })).stop(100)).toBe('was killed by SIGTERM');
  });
});

describe('starting a worker', () => {
  it('fails with the reason that the worker gives', async () => {
    const failed = { code: 'ENGINE_VERSION', message: 'format version 7 found, 1 expected' };
    await expect(start({ failed })).rejects.toMatchObject(failed);
  });

  it('names both protocol versions when they differ', async () => {
    await expect(start({ protocol_version: 9 })).rejects.toThrow(/speaks protocol version 9, this runtime speaks 1/);
  });

  it('gives up after a time limit', async () => {
    await expect(start({ load_ms: 60_000 }, { hello_ms: 10_000, ready_ms: 50 })).rejects.toThrow('did not load the engine within 0.05 s');
  });

  it('says what to do when there is no executable', async () => {
    const engine = fakeEngine({});
    await expect(startWorker({ executable: '/nowhere/trtllm-worker', engineDirectory: engine.engineDirectory }, () => {})).rejects.toThrow(
      /cannot run the worker \/nowhere\/trtllm-worker: .*ENOENT; run "make build"/,
    );
  });
});
