import { expect, test } from 'vitest';
import { progressText } from './bench-progress-text.js';

const HALF = { phase: 'run', total: 200, done: 100, failed: 0, running: 8, elapsedS: 20, outputTokensPerS: 1234.5, etaS: 20, latencies: () => ({}) } as const;

test('how far, how fast, how long still, and latencies once there are some', () => {
  expect(progressText(HALF)).toBe('100 of 200 requests, 8 running, 5.0 req/s, 1235 tok/s, 20 s left');
  const latencies = () => ({ ttft: { p50: 12.345, p99: 250.4 }, e2el: { p50: 1_000, p99: undefined } });
  expect(progressText({ ...HALF, failed: 2, latencies })).toBe('100 of 200 requests, 8 running, 2 failed, 5.0 req/s, 1235 tok/s, 20 s left\nnow, p50 / p99 in ms: TTFT 12.3 / 250, E2EL 1000 / –');
});

test('before the run, what is being done', () => {
  expect(progressText({ ...HALF, phase: 'probe' })).toBe('first request');
  expect(progressText({ ...HALF, phase: 'prompts', done: 7 })).toBe('writing prompts: 7 of 200');
  expect(progressText({ ...HALF, phase: 'prompts', done: 7, total: Infinity })).toBe('writing prompts: 7');
});
