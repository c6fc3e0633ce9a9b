// Sleeping to a time of the monotonic clock. Timers have a grain of 1 ms; the rest is not spun away, since the server may need the
// core. The lag is reported.
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from './timeline.js';

/** Never early: a timer may fire up to 2 ms before its time (fractions are cut off, the loop's clock is a whole number), then the rest is slept. An abort wakes. */
export async function waitUntil(due: number, signal: AbortSignal): Promise<void> {
  for (let wait = due - monotonicMs(); wait > 0 && !signal.aborted; wait = due - monotonicMs()) {
    await sleep(Math.ceil(wait), undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}
