import { expect, test } from 'vitest';
import { sendRequests } from './send-requests.js';

const never = new AbortController().signal;
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Requests that end when the test says so. */
function heldRequests() {
  const ends: (() => void)[] = [];
  const scheduled: number[] = [];
  const send = (_index: number, at: number): Promise<void> => {
    scheduled.push(at);
    return new Promise((resolve) => ends.push(resolve));
  };
  return { ends, scheduled, send };
}

test('no more requests are open than the limit, and each end starts the next', async () => {
  const { ends, send } = heldRequests();
  const all = sendRequests({ offsets: new Float64Array(5), maxConcurrency: 2, isClosedLoop: true }, send, never);
  for (let started = 2; started <= 5; started++) {
    await nextTurn();
    expect(ends).toHaveLength(started);
    ends[started - 2]!();
  }
  ends[4]!();
  await all;
});

test('in a closed loop a request is due when its slot came free', async () => {
  const { ends, scheduled, send } = heldRequests();
  const all = sendRequests({ offsets: new Float64Array(2), maxConcurrency: 1, isClosedLoop: true }, send, never);
  await nextTurn();
  const before = performance.now();
  ends[0]!();
  await nextTurn();
  ends[1]!();
  await all;
  expect(scheduled[1]).toBeGreaterThanOrEqual(before);
});

test('at a given rate a request that waits for a slot keeps its due time', async () => {
  const { ends, scheduled, send } = heldRequests();
  const all = sendRequests({ offsets: Float64Array.of(0, 1, 2), maxConcurrency: 1, isClosedLoop: false }, send, never);
  for (const i of [0, 1, 2]) {
    while (ends.length <= i) await nextTurn();
    ends[i]!();
  }
  await all;
  expect(scheduled.map((at) => Math.round(at - scheduled[0]!))).toEqual([0, 1, 2]);
});

test('an abort sends no more and waits for what is open', async () => {
  const { ends, send } = heldRequests();
  const abort = new AbortController();
  const all = sendRequests({ offsets: Float64Array.of(0, 60_000), isClosedLoop: false }, send, abort.signal);
  await nextTurn();
  abort.abort();
  ends[0]!();
  await all;
  expect(ends).toHaveLength(1);
});
