import { expect, test } from 'vitest';
import type { RequestRecord } from './client/request-record.js';
import { RecentLatencies } from './recent-latencies.js';

/** First token after `ttft` ms, the second 10 ms later. */
const record = (ttft: number): RequestRecord => ({
  index: 0,
  outcome: 'ok',
  timeline: { scheduled: 0, sent: 0, stamps: [ttft, ttft + 10], tokens: [1, 1], done: ttft + 10, answered: undefined },
  plannedInput: 1,
  requestedOutput: 2,
  outputTokens: 2,
  outputFrom: 'usage',
  text: '',
});

test('percentiles are those of the last 500, and p99 is left out while it would be the maximum', () => {
  const recent = new RecentLatencies();
  expect(recent.percentiles()).toEqual({});
  for (let i = 0; i < 99; i++) recent.add(record(9_000));
  expect(recent.percentiles()).toEqual({ ttft: { p50: 9_000, p99: undefined }, tpot: { p50: 10, p99: undefined }, e2el: { p50: 9_010, p99: undefined } });
  for (let i = 0; i <= 500; i++) recent.add(record(i));
  expect(recent.percentiles().ttft).toEqual({ p50: 250.5, p99: expect.closeTo(495.01, 6) });
});

test('replies that were not streamed have no first token', () => {
  const recent = new RecentLatencies();
  const whole = record(5);
  recent.add({ ...whole, timeline: { ...whole.timeline, stamps: [], tokens: [] } });
  expect(recent.percentiles()).toEqual({ e2el: { p50: 15, p99: undefined } });
});
