// Whole runs that end before their plan, against a scripted server.
import { afterEach, expect, test, vi } from 'vitest';
import type { BenchInput } from './bench-options.js';
import type { RequestRecord } from './client/request-record.js';
import { runBenchmark } from './run-benchmark.js';
import { StopRules } from './stop-rules.js';
import { answeringAfter, serverFor } from './test-support/scripted-server.js';

afterEach(() => void vi.useRealTimers());

const GIVEN: BenchInput = { tokenizeOnClient: true, vocabSize: 300, inputLen: 4, outputLen: 2, testInput: false };

test('a run in which too many requests fail is ended, marked, and reports what was done', async () => {
  let count = 0;
  const good = answeringAfter(0);
  const { url } = await serverFor((body, reply, request) => (count++ < 20 ? good(body, reply, request) : void reply.writeHead(500).end('{"error":"broken"}')));
  const report = await runBenchmark({ ...GIVEN, baseUrl: url, numPrompts: 200, maxConcurrency: 2, maxErrorRate: 0.25 });
  expect(report.stopped).toMatchObject({ rule: 'error-rate', text: expect.stringContaining('--max-error-rate 0.25') });
  expect(report).toMatchObject({ completed: 20, interrupted: false, planned: 200 });
  expect(report.failed).toBeGreaterThanOrEqual(7);
  expect(report.failed).toBeLessThan(30);
  expect(report.notes.map(({ code }) => code)).toContain('stopped');
  expect(report.notes.map(({ code }) => code)).not.toContain('turns-unsent');
});

test('failures below the rate do not end a run', async () => {
  let count = 0;
  const good = answeringAfter(0);
  const { url } = await serverFor((body, reply, request) => (count++ % 10 ? good(body, reply, request) : void reply.writeHead(500).end('{"error":"broken"}')));
  const report = await runBenchmark({ ...GIVEN, baseUrl: url, numPrompts: 60, maxConcurrency: 1, maxErrorRate: 0.25 });
  expect(report).toMatchObject({ stopped: undefined, completed: 54, failed: 6 });
});

test('after its seconds a run sends no more, and what is open ends by itself', async () => {
  const { url } = await serverFor(answeringAfter(150));
  const report = await runBenchmark({ ...GIVEN, baseUrl: url, numPrompts: 1000, maxConcurrency: 1, maxSeconds: 0.4 });
  expect(report.stopped?.rule).toBe('seconds');
  expect(report).toMatchObject({ failed: 0, cancelled: 0 });
  expect(report.completed).toBeGreaterThan(0);
  expect(report.completed).toBeLessThan(10);
});

test('a backlog that grows is looked at every ten seconds from the thirtieth, and ends the run', () => {
  vi.useFakeTimers();
  const cancelOpen = vi.fn();
  const rules = new StopRules({ stopOverSaturated: true }, cancelOpen);
  const begin = Date.now();
  rules.start(Date.now);
  // Ten a second come, five a second go: a request sent at t ends at 2t.
  for (let at = 0; at < 25_000; at += 100) {
    vi.advanceTimersByTime(100);
    const passage = rules.sent(at);
    if (2 * at < 25_000) rules.ended(passage, { outcome: 'ok', timeline: { stamps: [2 * at], done: 2 * at } } as unknown as RequestRecord);
  }
  expect(rules.stopped).toBeUndefined();
  vi.advanceTimersByTime(6_000);
  expect(Date.now() - begin).toBeLessThan(35_000);
  expect(rules.stopped).toMatchObject({ rule: 'over-saturated' });
  expect(rules.signal.aborted).toBe(true);
  expect(cancelOpen).toHaveBeenCalledOnce();
  rules.close();
});

test('over-saturation is a matter of a steady rate', async () => {
  await expect(runBenchmark({ ...GIVEN, stopOverSaturated: true })).rejects.toThrow('--stop-over-saturated: needs a --request-rate');
});
