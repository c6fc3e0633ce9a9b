// Ends that nobody asked for, and ends that were asked for: a killed worker, SIGTERM, a second signal.
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { slowEngine, type TestEngine } from './support/engines.js';
import { startServer, until, type TestServer } from './support/server.js';

let engine: TestEngine;
let server: TestServer;
beforeAll(async () => (engine = await slowEngine()));
beforeEach(async () => (server = await startServer(engine.directory)));
afterEach(() => server?.stop());
afterAll(() => engine?.remove());

interface Streamed {
  firstChunk: Promise<void>;
  /** Everything that came, when the stream has ended. */
  text: Promise<string>;
}

function openStream(max_tokens: number): Streamed {
  let onFirst = () => {};
  const firstChunk = new Promise<void>((resolve) => (onFirst = resolve));
  const text = (async () => {
    const body = JSON.stringify({ model: server.model, prompt: 'Once', max_tokens, ignore_eos: true, stream: true });
    const response = await fetch(`${server.url}/v1/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    let all = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      all += chunk;
      onFirst();
    }
    return all;
  })();
  return { firstChunk, text };
}

const health = async () => (await fetch(`${server.url}/health`)).status;
/** Not ended: an orphan that nobody has waited for stays a zombie where process 1 does not reap. */
const isAlive = (pid: number) => existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

describe('kill -9 of the worker under 16 streams', () => {
  it('ends each with an error event within a second, answers 503 meanwhile, and serves again within five', async () => {
    const streams = Array.from({ length: 16 }, () => openStream(4000));
    await Promise.all(streams.map(({ firstChunk }) => firstChunk));
    const pid = server.workerPid();
    const killed_ms = performance.now();
    process.kill(pid, 'SIGKILL');
    const texts = await Promise.all(streams.map(({ text }) => text));
    expect(performance.now() - killed_ms).toBeLessThan(1_000);
    for (const text of texts) {
      const last = JSON.parse(text.trimEnd().split('\n\n').at(-1)!.slice('data: '.length)) as object;
      expect(last).toMatchObject({ error: { type: 'server_error', code: 'worker_exited', param: null } });
      expect(text).not.toContain('[DONE]');
    }
    expect(await health()).toBe(503);
    const refused = await fetch(`${server.url}/v1/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model: server.model, prompt: 'Once' }) });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    await until('/health is 200 again', 5_000 - (performance.now() - killed_ms), async () => (await health()) === 200);
    expect(server.workerPid()).not.toBe(pid);
    const again = await server.client.completions.create({ model: server.model, prompt: 'Once', max_tokens: 4 });
    expect(again.usage!.completion_tokens).toBeGreaterThan(0);
  });
});

describe('signals', () => {
  it('SIGTERM lets an open stream end whole, takes no new connection, and exits 0 with its worker', async () => {
    const stream = openStream(120);
    await stream.firstChunk;
    const pid = server.workerPid();
    server.process.kill('SIGTERM');
    await until('the stop is logged', 2_000, () => server.log().includes('SIGTERM: finishing'));
    await until('new connections are refused', 2_000, async () => health().then(() => false, () => true));
    expect((await stream.text).endsWith('data: [DONE]\n\n')).toBe(true);
    expect((await server.process).exitCode).toBe(0);
    expect(isAlive(pid)).toBe(false);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('a second one, %s, exits at once with its status, and the worker with it', async (signal, status) => {
    const stream = openStream(4000);
    const cut = expect(stream.text).rejects.toThrow();
    await stream.firstChunk;
    const pid = server.workerPid();
    server.process.kill('SIGINT');
    await until('the stop is logged', 2_000, () => server.log().includes('SIGINT: finishing'));
    const second_ms = performance.now();
    server.process.kill(signal);
    expect((await server.process).exitCode).toBe(status);
    expect(performance.now() - second_ms).toBeLessThan(1_000);
    await cut;
    await until('the worker is gone', 1_000, () => !isAlive(pid));
  });

  it('kill -9 of the server ends the worker, too', async () => {
    const stream = openStream(4000);
    const cut = expect(stream.text).rejects.toThrow();
    await stream.firstChunk;
    const pid = server.workerPid();
    server.process.kill('SIGKILL');
    await cut;
    await until('the worker is gone', 1_000, () => !isAlive(pid));
  });
});
