import { expect, test } from 'vitest';
import { settleOptions, type BenchInput } from './bench-options.js';

test('defaults are those of the reference tool', () => {
  expect(settleOptions({ tokenizerDir: 't', port: 9000, model: undefined })).toMatchObject({
    baseUrl: 'http://127.0.0.1:9000',
    endpoint: '/v1/completions',
    numPrompts: 1000,
    inputLen: 1024,
    outputLen: 128,
    requestRate: Infinity,
    burstiness: 1,
    seed: 0,
    metricPercentiles: [99],
  });
  expect(settleOptions({ tokenizerDir: 't', backend: 'openai-chat' }).endpoint).toBe('/v1/chat/completions');
});

test('a base URL may end in /v1, as clients of OpenAI write it, unless the endpoint counts on that', () => {
  const baseUrl = 'http://127.0.0.1:9000/proxy/v1/';
  expect(settleOptions({ tokenizerDir: 't', baseUrl }).baseUrl).toBe('http://127.0.0.1:9000/proxy');
  expect(settleOptions({ tokenizerDir: 't', baseUrl, endpoint: '/completions' }).baseUrl).toBe('http://127.0.0.1:9000/proxy/v1');
});

test('a trace is replayed unless another arrival is asked for', () => {
  const trace: BenchInput = { tokenizerDir: 't', datasetName: 'azure', datasetPath: import.meta.filename };
  expect(settleOptions(trace).traceSpeedup).toBe(1);
  expect(settleOptions({ ...trace, requestRate: Infinity }).traceSpeedup).toBeUndefined();
  expect(settleOptions({ ...trace, datasetName: 'burstgpt' }).traceSpeedup).toBeUndefined();
});

const refused: [BenchInput, string][] = [
  [{ baseUrl: 'localhost:8000' }, '--base-url'],
  [{ endpoint: 'v1' }, '--endpoint'],
  [{ backend: 'vllm' as 'openai' }, '--backend: expected one of openai, openai-chat, triton-generate, triton-generate-stream, found vllm'],
  [{ datasetName: 'shargpt' }, '--dataset-name: expected one of random, random-ids, synthetic, sharegpt'],
  [{ datasetName: 'hf' }, 'found hf, which is not supported yet'],
  [{ datasetName: 'sharegpt' }, '--dataset-path: needed for --dataset-name sharegpt'],
  [{ datasetName: 'custom', datasetPath: '/no/such/file' }, '--dataset-path /no/such/file: no such file'],
  [{ sonnetPrefixLen: 600 }, '--sonnet-prefix-len: expected at most --sonnet-input-len 550, found 600'],
  [{ syntheticTurns: 2 }, '--synthetic-turns: turns are chat messages; use --backend openai-chat'],
  [{ syntheticPrefixGroups: [1, 0] }, '--synthetic-prefix-groups'],
  [{ rampUpStartRps: 1 }, '--ramp-up-strategy: needed'],
  [{ rampUpStrategy: 'linear', rampUpStartRps: 1 }, '--ramp-up-end-rps: expected a number > 0, found none'],
  [{ rateSteps: [{ rate: 1, seconds: 0 }] }, '--rate-steps'],
  [{ traceSpeedup: 2 }, '--trace-speedup: expected --dataset-name azure or mooncake or burstgpt, found random'],
  [{ requestRate: 2, rateSteps: [{ rate: 1, seconds: 1 }] }, '--request-rate and --rate-steps: each says when'],
  [{ numPrompts: 0 }, '--num-prompts'],
  [{ loraModules: ['a'], backend: 'triton-generate' }, '--lora-modules: --backend triton-generate has no'],
  [{ numWarmups: -1 }, '--num-warmups'],
  [{ numWarmups: 3, datasetName: 'azure', datasetPath: import.meta.filename }, '--num-warmups: expected 0 for a trace'],
  [{ inputLen: 1.5 }, '--random-input-len'],
  [{ outputLen: Number.NaN }, '--random-output-len'],
  [{ prefixLen: -1 }, '--random-prefix-len'],
  [{ rangeRatio: 1 }, '--random-range-ratio'],
  [{ maxConcurrency: 0 }, '--max-concurrency'],
  [{ requestRate: 0 }, '--request-rate'],
  [{ burstiness: Number.NaN }, '--burstiness'],
  [{ seed: -1 }, '--seed'],
  [{ metricPercentiles: [101] }, '--metric-percentiles'],
  [{ percentileMetrics: ['speed' as 'ttft'] }, '--percentile-metrics'],
  [{ goodput: { ttft: -1 } }, '--goodput'],
  [{ backend: 'openai-chat', tokenizeOnClient: true }, '--tokenize-on-client'],
];

test.each(refused)('%j is refused by name', (input, name) => {
  expect(() => settleOptions({ tokenizerDir: 't', ...input })).toThrow(name);
});
