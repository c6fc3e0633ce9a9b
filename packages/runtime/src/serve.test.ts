// The life of a server: start, health, hang-ups, a dying worker, a full queue, the stop.
import { afterEach, describe, expect, it } from 'vitest';
import { makeFakeEngine } from './testing/fake-engine.js';
import { eventsOf, serveFake, type Served } from './testing/serve-fake.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(...args: Parameters<typeof serveFake>): Promise<Served> {
  const served = await serveFake(...args);
  cleanups.push(served.close);
  return served;
}

const LONG = { prompt: [70, 71], max_tokens: 198 };

/** Response of a stream that has begun. */
async function stream(served: Served, signal?: AbortSignal): Promise<Response> {
  return served.post('/v1/completions', { model: 'parrot', ...LONG, stream: true }, signal ? { body: JSON.stringify({ model: 'parrot', ...LONG, stream: true }), signal } : {});
}

async function numActive(served: Served): Promise<number> {
  const response = await served.post('/v1/completions', { prompt: [70], max_tokens: 1 });
  return response.status;
}

describe('a server', () => {
  it('says what it serves and how it is', async () => {
    const served = await start();
    expect(await (await served.get('/v1/models')).json()).toEqual({
      object: 'list',
      data: [{ id: 'parrot', object: 'model', created: expect.any(Number), owned_by: 'tensorrt_llm', root: served.engine.engineDirectory }],
    });
    expect(await (await served.get('/version')).json()).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
    const health = await served.get('/health');
    expect([health.status, await health.text()]).toEqual([200, '']);
    expect(await (await served.get('/health_generate')).text()).toBe('Generation health check OK');
    expect(served.log.join('\n')).toMatch(/KV cache: 64 blocks of 32 tokens in float32, 0\.1 MiB/);
    expect(served.log.at(-1)).toBe(`ready: parrot at ${served.server.url}`);
    let records: object[] = [];
    await expect.poll(async () => (records = (await (await served.get('/metrics')).json()) as object[]).length).toBe(1);
    expect(Object.keys(records[0]!)).toEqual(['inflightBatchingStats', 'iter']);
    expect(await (await served.get('/metrics')).json()).toEqual([]);
  });

  it('refuses a port that is in use at once, by name', async () => {
    const served = await start();
    const { port } = new URL(served.server.url);
    const engine = makeFakeEngine({ load_ms: 60_000 });
    cleanups.push(engine.remove);
    await expect(serveFake({}, { port: Number(port) }, engine)).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: `cannot listen on 127.0.0.1:${port}: it is in use; choose another --port or --host`,
    });
  });

  it('listens, unhealthy, while the engine loads', async () => {
    const engine = makeFakeEngine({ load_ms: 500 });
    let url = '';
    const starting = start({}, { log: (line) => (url ||= /listening on (\S+);/.exec(line)?.[1] ?? '') }, engine);
    await expect.poll(() => url).not.toBe('');
    const health = await fetch(`${url}/health`);
    expect([health.status, await health.text()]).toEqual([503, 'the engine is starting\n']);
    const post = await fetch(`${url}/v1/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"model":"parrot","prompt":[5]}' });
    expect([post.status, post.headers.get('retry-after'), ((await post.json()) as any).error.code]).toEqual([503, '1', 'engine_unavailable']);
    await starting;
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it('does not start with an engine that cannot be loaded', async () => {
    const engine = makeFakeEngine({ failed: { code: 'ENGINE_INVALID', message: 'the file is damaged' } });
    cleanups.push(engine.remove);
    await expect(serveFake({}, {}, engine)).rejects.toMatchObject({ code: 'ENGINE_INVALID', message: 'the file is damaged' });
  });
});

describe('a client that hangs up', () => {
  it('frees its place at once, streaming or not', async () => {
    // One place in all: the next request gets in only when the one before has let go.
    const served = await start({ step_ms: 20, ready: { max_batch_size: 1, max_queue_size: 0 } });
    for (const isStream of [true, false]) {
      const abort = new AbortController();
      const body = JSON.stringify({ model: 'parrot', ...LONG, stream: isStream });
      const pending = served.post('/v1/completions', body, { signal: abort.signal });
      if (isStream) await (await pending).body!.getReader().read();
      else await expect.poll(() => numActive(served)).toBe(429);
      abort.abort();
      await pending.catch(() => {});
      await expect.poll(() => numActive(served)).toBe(200);
    }
  });
});

describe('a full queue', () => {
  it('answers 429 with Retry-After', async () => {
    const served = await start({ step_ms: 20, ready: { max_batch_size: 1, max_queue_size: 1 } });
    const abort = new AbortController();
    cleanups.push(() => abort.abort());
    await Promise.all([stream(served, abort.signal), stream(served, abort.signal).catch(() => {}), delayedRefusal(served)]);
  });

  async function delayedRefusal(served: Served): Promise<void> {
    await expect.poll(async () => (await served.post('/v1/completions', { prompt: [5], max_tokens: 1 })).status).toBe(429);
    const refused = await served.post('/v1/completions', { prompt: [5], max_tokens: 1, stream: true });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(((await refused.json()) as any).error).toMatchObject({ type: 'rate_limit_error', code: 'queue_full' });
  }
});

describe('a worker that is killed', () => {
  it('ends every stream with an error event at once, and the next request works', async () => {
    const served = await start({ step_ms: 20, ready: { max_batch_size: 16 } });
    const responses = await Promise.all(Array.from({ length: 16 }, () => stream(served)));
    const ends = responses.map((response) => eventsOf(response));
    process.kill(Number(workerPid(served)), 'SIGKILL');
    const kill_ms = performance.now();
    for (const events of await Promise.all(ends)) {
      expect(events).not.toContain('[DONE]');
      const { error } = JSON.parse(events.at(-1)!);
      expect(error).toMatchObject({ type: 'server_error', code: 'worker_exited', param: null });
      expect(error.message).toMatch(/was killed by SIGKILL/);
    }
    expect(performance.now() - kill_ms).toBeLessThan(1000);
    const health = await served.get('/health');
    expect([health.status, await health.text()]).toEqual([503, 'the engine is restarting after a crash of the worker\n']);
    await expect.poll(async () => (await served.get('/health')).status, { timeout: 5000 }).toBe(200);
    expect((await served.completion({ prompt: [70], max_tokens: 2 })).choices[0].finish_reason).toBe('length');
  });

  it('is a plain error before the first token', async () => {
    const served = await start({ exit_after: 0 });
    const response = await served.post('/v1/completions', { prompt: [70], stream: true });
    expect([response.status, ((await response.json()) as any).error.code]).toEqual([503, 'worker_exited']);
  });

  function workerPid(served: Served): string {
    return /process id (\d+)/.exec(served.log.join('\n'))![1]!;
  }
});

describe('a stop', () => {
  it('lets open requests end, refuses new ones, and is done then', async () => {
    const served = await start({ step_ms: 5 });
    const response = await stream(served);
    const events = eventsOf(response);
    const stopped = served.server.stop();
    await expect(served.get('/health')).rejects.toThrow(); // not listening any more
    expect((await events).at(-1)).toBe('[DONE]');
    await stopped;
    expect(await served.server.stopped).toBe(0);
  });

  it('ends what takes too long with an error event', async () => {
    const served = await start({ step_ms: 50 }, { drain_ms: 100 });
    const events = eventsOf(await stream(served));
    await served.server.stop();
    expect(JSON.parse((await events).at(-1)!).error.code).toBe('shutting_down');
  });

  it('works while the engine loads, and is no failure', async () => {
    const engine = makeFakeEngine({ load_ms: 60_000 });
    cleanups.push(engine.remove);
    const before = process.listenerCount('SIGTERM');
    const starting = serveFake({}, { handle_signals: true, log: (line) => line.startsWith('listening') && queueMicrotask(() => process.emit('SIGTERM')) }, engine);
    expect(await (await starting).server.stopped).toBe(0);
    await expect.poll(() => process.listenerCount('SIGTERM')).toBe(before);
  });
});
