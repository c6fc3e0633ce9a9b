import { expect, test } from 'vitest';
import { IterationLines } from './iteration-line.js';

const record = (iter: number, forwardLatencyMS: number) => ({
  iter,
  iterLatencyMS: 3.2149,
  forwardLatencyMS,
  timestamp: '11-27-2026 23:41:44.533514',
  numActiveRequests: 4,
  inflightBatchingStats: { numContextRequests: 1, numCtxTokens: 60, numGenRequests: 3, numScheduledRequests: 4 },
});

test('a line a step in the reference’s form, with the kernels’ time of the step before', () => {
  const lines = new IterationLines();
  const rest = 'timestamp = 2026-11-27 23:41:44, num_scheduled_requests: 4, states = ' + "{'num_ctx_requests': 1, 'num_ctx_tokens': 60, 'num_generation_tokens': 3}";
  expect(lines.of({ records: [record(12, 2.98), record(13, 1)] })).toEqual([
    `iter = 12, global_rank = 0, rank = 0, currank_total_requests = 4/4, host_step_time = 3.21ms, prev_device_step_time = N/A, ${rest}`,
    `iter = 13, global_rank = 0, rank = 0, currank_total_requests = 4/4, host_step_time = 3.21ms, prev_device_step_time = 2.98ms, ${rest}`,
  ]);
  expect(lines.of({ records: [record(14, 1)] })[0]).toContain('prev_device_step_time = 1.00ms');
});
