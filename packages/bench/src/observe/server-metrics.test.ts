// What servers tell of themselves, scraped from a server that tells it, while a run lasts.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { monotonicMs } from '../client/timeline.js';
import { factsOfIterations, factsOfPrometheus, factsOfRequests, type ServerFacts } from './server-facts.js';
import { serverMetrics } from './server-metrics.js';
import { serverJson, serverLine } from './server-report.js';
import { ServerSampler } from './server-sampler.js';
import { scrape } from './server-source.js';

let asked = 0;
const cleanUp: (() => unknown)[] = [];
afterEach(() => cleanUp.splice(0).map((close) => close()));

/** The place in use is told how often it was asked before. */
async function serverWith(places: Record<string, (reply: ServerResponse, nth: number, headers: Record<string, unknown>) => void>): Promise<string> {
  asked = 0;
  const server = createServer(({ url = '', headers }, reply) => {
    const tell = places[url];
    if (tell === undefined) reply.writeHead(404).end();
    else tell(reply, asked++, headers);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp.push(() => server.closeAllConnections(), () => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const VLLM = (waiting: number, count: number): string =>
  `# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="m"} 3.0
vllm:num_requests_running{engine="1",model_name="m"} 2.0
vllm:num_requests_waiting{engine="0",model_name="m"} ${waiting}
vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.25
vllm:kv_cache_usage_perc{engine="1",model_name="m"} 0.5
vllm:iteration_tokens_total_count{engine="0",model_name="m"} ${100 * count}
vllm:request_queue_time_seconds_sum{engine="0",model_name="m"} ${0.5 * count}
vllm:request_queue_time_seconds_count{engine="0",model_name="m"} ${10 * count}
python_info{version="3.12"} 1.0
`;

test('engines of one server: counts are summed, of shares the largest is taken', () => {
  expect(factsOfPrometheus(VLLM(1, 2))).toEqual({ kvUse: 0.5, running: 5, queued: 1, steps: 200, queueS: 1, queueCount: 20 });
});

test('a metric may be told by a label', () => {
  const text = 'nv_trt_llm_request_metrics{model="m",request_type="waiting",version="1"} 4\nnv_trt_llm_request_metrics{model="m",request_type="active",version="1"} 6\nnv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="fraction",model="m"} 0.75\n';
  expect(factsOfPrometheus(text)).toEqual({ kvUse: 0.75, running: 6, queued: 4 });
});

/** Asked to find it (0), at the begin (1), after a second (2) and at the end (3). */
async function watched(baseUrl: string, metricsUrl?: string, isAnswering = true) {
  const sampler = new ServerSampler({ baseUrl, metricsUrl, apiKey: 'key' });
  await sampler.begin();
  const start = monotonicMs();
  while (isAnswering && asked < 3) await sleep(5);
  const series = await sampler.end();
  return { server: serverMetrics(series, start), notes: series.notes };
}

test('Prometheus text: levels of the run, counts from its begin to its end', async () => {
  const keys: unknown[] = [];
  const url = await serverWith({ '/metrics': (reply, nth, headers) => (keys.push(headers['authorization']), reply.end(VLLM(10 * nth, nth))) });
  const { server, notes } = await watched(url);
  expect(server).toMatchObject({ urls: [`${url}/metrics`], kvUse: { mean: 0.5, max: 0.5 }, running: { mean: 5 }, queued: { mean: 25, max: 30 }, steps: 200, queueMs: 50 });
  expect(notes).toEqual([]);
  expect(new Set(keys)).toEqual(new Set(['Bearer key']));
  expect(serverLine(server!)).toBe('Server: KV cache 50 (at most 50) % full, 5 (at most 5) requests running, 25 (at most 30) queued, 50.0 ms in its queue at the mean, 200 steps.');
  expect(serverJson(server!)).toMatchObject({ steps: 200, series: [[expect.any(Number), 0.5, 5, 10], {}, {}] });
});

const step = (numActiveRequests: number, usedNumBlocks: number): object => ({ iter: 1, numActiveRequests, numQueuedRequests: 0, numNewActiveRequests: 2, newActiveRequestsQueueLatencyMS: 30, kvCacheStats: { usedNumBlocks, maxNumBlocks: 100 } });
const request = (wait: number): object => ({ request_id: 1, perf_metrics: { timing_metrics: { arrival_time: 5, first_scheduled_time: 5 + wait } } });

test('records of steps that are gone once they are told; those from before the run do not count', async () => {
  const url = await serverWith({ '/metrics': (reply, nth) => reply.end(JSON.stringify(nth < 2 ? [step(99, 99)] : [step(4, 10), step(8, 30)])) });
  const { server } = await watched(url);
  expect(server).toMatchObject({ kvUse: { mean: 0.2, max: 0.3 }, running: { mean: 6, max: 8 }, steps: 4, queueMs: 15 });
});

test('waits by /perf_metrics where nothing else tells them', async () => {
  const url = await serverWith({ '/perf_metrics': (reply, nth) => reply.end(JSON.stringify(nth === 3 ? [request(0.1), request(0.3)] : [])) });
  expect((await watched(url)).server).toMatchObject({ queueMs: expect.closeTo(200, 6), steps: undefined, kvUse: undefined });
});

test('another address, and a server that fails in between', async () => {
  const url = await serverWith({ '/elsewhere': (reply, nth) => (nth === 2 ? reply.destroy() : reply.end(VLLM(0, nth))) });
  expect((await watched('http://127.0.0.1:1', `${url}/elsewhere`)).server).toMatchObject({ steps: 200 });
});

test('a server that tells nothing is noted with the reasons, and nothing fails', async () => {
  const url = await serverWith({ '/metrics': (reply) => reply.end('<html>hello</html>') });
  const { server, notes } = await watched(url, undefined, false);
  expect(server).toBeUndefined();
  expect(notes).toEqual([{ code: 'server-metrics', text: 'the server tells nothing of itself (/metrics: nothing known in it, /prometheus/metrics: HTTP 404, /perf_metrics: HTTP 404)' }]);
});

test('what cannot be reached is refused by its reason', async () => {
  await expect(scrape('http://127.0.0.1:1/metrics')).rejects.toThrow();
});

const NAMES = ['numActiveRequests', 'numQueuedRequests', 'numNewActiveRequests', 'newActiveRequestsQueueLatencyMS', 'kvCacheStats', 'usedNumBlocks', 'maxNumBlocks', 'perf_metrics', 'timing_metrics', 'arrival_time', 'first_scheduled_time'];
const anyJson = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), fc.dictionary(fc.constantFrom(...NAMES), tie('value'))),
})).value;

test('whatever a server tells, numbers come of it or nothing', () => {
  const check = (facts: ServerFacts[]): void => {
    for (const fact of facts) for (const value of Object.values(fact)) expect(value === undefined || typeof value === 'number').toBe(true);
    const scrapes = [0, 1].map((at) => ({ at, facts, isDrained: at === 1 }));
    expect(serverLine(serverMetrics({ sources: [{ url: 'u', scrapes }], notes: [] }, 0)!)).toMatch(/^Server: /);
  };
  fc.assert(fc.property(fc.array(anyJson), (records) => (check(factsOfIterations(records)), check([factsOfRequests(records)]))));
  fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^(vllm:num_requests_running|tgi_queue_size)[{}="\\a ]{0,9} [-0-9a-zA-Z.+]{0,6}$/)), (text) => check([factsOfPrometheus(text)])));
});
