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

const refused: [BenchInput, string][] = [
  [{ baseUrl: 'localhost:8000' }, '--base-url'],
  [{ endpoint: 'v1' }, '--endpoint'],
  [{ backend: 'vllm' as 'openai' }, '--backend: expected openai or openai-chat, found vllm'],
  [{ datasetName: 'sharegpt' }, '--dataset-name sharegpt: not yet'],
  [{ numPrompts: 0 }, '--num-prompts'],
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
  [{ tokenizerDir: undefined }, '--tokenizer'],
];

test.each(refused)('%j is refused by name', (input, name) => {
  expect(() => settleOptions({ tokenizerDir: 't', ...input })).toThrow(name);
});
