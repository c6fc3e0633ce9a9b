// --profile: the server's profiler round the requests of a run.
import { expect, test } from 'vitest';
import type { BenchInput } from '../bench-options.js';
import { runBenchmark } from '../run-benchmark.js';
import { answeringAfter, serverFor } from '../test-support/scripted-server.js';

const SMALL: BenchInput = { tokenizeOnClient: true, vocabSize: 100, numPrompts: 3, inputLen: 4, outputLen: 2, maxConcurrency: 1, profile: true };

/** A server with a profiler: paths in the order in which they were asked, `statuses` instead of 200. */
async function profiling(statuses: Record<string, number> = {}): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const answer = answeringAfter(0);
  const { url } = await serverFor((body, reply, request) => {
    asked.push(request.url!);
    if (request.url!.endsWith('_profile')) return void reply.writeHead(statuses[request.url!] ?? 200).end();
    return answer(body, reply, request);
  });
  return { url, asked };
}

test('it runs from before the first request until behind the last, not during the probe', async () => {
  const { url, asked } = await profiling();
  const { notes } = await runBenchmark({ ...SMALL, baseUrl: url });
  const post = '/v1/completions';
  expect(asked).toEqual([post, '/start_profile', post, post, post, '/stop_profile']);
  expect(notes.map(({ code }) => code)).toContain('profiled');
});

test('a server without one ends the run before its first request', async () => {
  const { url, asked } = await profiling({ '/start_profile': 404 });
  await expect(runBenchmark({ ...SMALL, baseUrl: url })).rejects.toMatchObject({ code: 'BAD_FLAG', message: expect.stringContaining('/start_profile: HTTP 404; start the server with its profiler on') as string });
  expect(asked).toEqual(['/v1/completions', '/start_profile']);
});

test('a profiler that does not stop is told beside the result', async () => {
  const { url } = await profiling({ '/stop_profile': 500 });
  const { completed, notes } = await runBenchmark({ ...SMALL, baseUrl: url });
  expect(completed).toBe(3);
  expect(notes.find(({ code }) => code === 'profile-runs')?.text).toContain('/stop_profile: HTTP 500');
});

test('it is stopped when the user ends the run', async () => {
  const { url, asked } = await profiling();
  const stop = new AbortController();
  await runBenchmark({ ...SMALL, numPrompts: 1000, baseUrl: url }, { signal: stop.signal, onProgress: ({ done }) => done > 2 && stop.abort() });
  expect(asked.at(-1)).toBe('/stop_profile');
});
