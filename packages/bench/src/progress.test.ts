import { expect, test } from 'vitest';
import type { RequestRecord } from './client/request-record.js';
import { ProgressMeter, type BenchProgress } from './progress.js';

const record: RequestRecord = {
  index: 0,
  outcome: 'ok',
  // Sixteen tokens in two events.
  timeline: { scheduled: 0, sent: 0, stamps: [1, 2], tokens: [8, 8], done: 2, answered: undefined },
  plannedInput: 1,
  requestedOutput: 16,
  outputTokens: 16,
  outputFrom: 'usage',
  text: '',
};

test('tokens of what ended are counted, not its events; a late word of what was sent makes none run less than not at all', () => {
  const seen: BenchProgress[] = [];
  const meter = new ProgressMeter(4, (progress) => seen.push(progress));
  const last = (phase: BenchProgress['phase']): BenchProgress => (meter.enter(phase), seen.at(-1)!);
  meter.enter('run');
  meter.tokens(2);
  meter.ended(record);
  meter.ended({ ...record, outcome: 'http', outputTokens: 0, timeline: { ...record.timeline, stamps: [], tokens: [] } });
  const before = last('done');
  expect(before).toMatchObject({ done: 2, failed: 1, running: 0, total: 4 });
  expect(before.outputTokensPerS * before.elapsedS).toBeCloseTo(16, 6);
  meter.sent(3);
  expect(last('done').running).toBe(1);
  meter.stop();
});
