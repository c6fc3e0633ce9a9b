import { afterEach, describe, expect, it } from 'vitest';
import { makeFakeEngine, type FakeBehaviour } from '../testing/fake-engine.js';
import { startWorker } from './start-worker.js';
import { Supervisor } from './supervisor.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function supervise(behaviour: FakeBehaviour = {}) {
  const engine = makeFakeEngine(behaviour);
  const options = { executable: `${engine.nativeDirectory}/trtllm-worker`, engineDirectory: engine.engineDirectory };
  const log: string[] = [];
  const supervisor = new Supervisor({
    start: (signal) => startWorker(options, () => {}, signal),
    log: (line) => log.push(line),
    first_backoff_ms: 1,
  });
  cleanups.push(engine.remove, () => supervisor.stop(100));
  return { supervisor, engine, log };
}

describe('the supervisor', () => {
  it('says that the engine is starting until it is', async () => {
    const { supervisor } = supervise();
    expect(supervisor.trouble).toBe('the engine is starting');
    expect(() => supervisor.current()).toThrow('the engine is starting');
    await supervisor.start();
    expect(supervisor.trouble).toBeUndefined();
  });

  it('starts a new worker when one dies', async () => {
    const { supervisor, log } = supervise();
    const first = await supervisor.start();
    first.kill();
    await first.gone;
    await expect.poll(() => supervisor.trouble).toBe('the engine is restarting after a crash of the worker');
    await expect.poll(() => supervisor.trouble, { timeout: 5000 }).toBeUndefined();
    expect(supervisor.current().pid).not.toBe(first.pid);
    expect(log[0]).toMatch(/was killed by SIGKILL.*; restarting it in 0.001 s/);
  });

  it('gives up after more than ten crashes, and says so', async () => {
    const { supervisor, engine } = supervise();
    const worker = await supervisor.start();
    engine.behave({ failed: { code: 'ENGINE_INVALID', message: 'the file is damaged' } });
    worker.kill();
    await expect
      .poll(() => supervisor.trouble, { timeout: 20_000 })
      .toBe('the worker crashed more than 10 times in 10 minutes and is not restarted; last: the file is damaged');
  });

  it('does not try an engine again that cannot be loaded at first', async () => {
    const { supervisor } = supervise({ failed: { code: 'ENGINE_INVALID', message: 'the file is damaged' } });
    await expect(supervisor.start()).rejects.toMatchObject({ code: 'ENGINE_INVALID' });
  });

  it('can be stopped while a worker loads', async () => {
    const { supervisor } = supervise({ load_ms: 60_000 });
    const started = supervisor.start();
    await supervisor.stop(100);
    await expect(started).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    expect(() => supervisor.current()).toThrow('the server is shutting down');
  });
});
