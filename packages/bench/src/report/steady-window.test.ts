import { expect, test } from 'vitest';
import type { RequestRecord } from '../client/request-record.js';
import { steadyWindow } from './steady-window.js';

/** One request a tenth of a second for `seconds`: two tokens, `ttft` and a fifth of a second after it. */
function records(seconds: number, ttft: (sentAt: number) => number): RequestRecord[] {
  return Array.from({ length: 10 * seconds }, (_, index) => {
    const sent = 100 * index;
    const stamps = [sent + ttft(sent), sent + ttft(sent) + 200];
    return { index, outcome: 'ok', timeline: { scheduled: sent, sent, stamps, tokens: [1, 1], done: stamps[1]! }, plannedInput: 7, requestedOutput: 2, outputTokens: 2, outputFrom: 'usage', text: 'x' } as RequestRecord;
  });
}

const wobble = (at: number): number => 50 + ((at / 100) % 7);

test('a slow start is left out, and figures are those of what follows', () => {
  const window = steadyWindow(records(60, (at) => (at < 10_000 ? 900 : wobble(at))))!;
  expect(window.fromS).toBeGreaterThanOrEqual(10);
  expect(window.fromS).toBeLessThan(16);
  expect(window.toS).toBeCloseTo(59.9, 9);
  expect(window).toMatchObject({ isSteady: true, medianTtft: 53, medianE2el: 253 });
  expect(window.requestThroughput).toBeCloseTo(10, 0);
  expect(window.outputThroughput).toBeCloseTo(20, 0);
  expect(window.inputThroughput).toBeCloseTo(70, -1);
});

test('tokens count where their stamps are: of a request across the border, the part inside', () => {
  const window = steadyWindow(records(30, wobble))!;
  const inside = records(30, wobble).flatMap(({ timeline }) => timeline.stamps).filter((at) => at >= 1000 * window.fromS && at < 1000 * window.toS).length;
  expect(window.outputThroughput).toBeCloseTo(inside / (window.toS - window.fromS), 9);
});

test('a run that changes all the time is not steady', () => {
  expect(steadyWindow(records(40, (at) => 5000 - at / 10))).toMatchObject({ isSteady: false });
});

test('there is no window where all was sent at once, or few were, or nothing came of it', () => {
  const atOnce = records(10, wobble).map((record) => ({ ...record, timeline: { ...record.timeline, sent: 0 } }));
  expect(steadyWindow(atOnce)).toBeUndefined();
  expect(steadyWindow(records(1, wobble))).toBeUndefined();
  expect(steadyWindow(records(30, wobble).map((record) => ({ ...record, outcome: 'http' as const })))).toBeUndefined();
});

test('without a stream the ends count', () => {
  const whole = records(30, wobble).map((record) => ({ ...record, timeline: { ...record.timeline, stamps: [], tokens: [] } }));
  expect(steadyWindow(whole)).toMatchObject({ medianTtft: undefined, medianE2el: 253 });
});
