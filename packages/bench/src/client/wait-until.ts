// Sleeping to a time of the monotonic clock. Timers have a grain of 1 ms; the rest is not spun away, since the server may need the
// core. The lag is reported.
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from './timeline.js';

/** An abort wakes. */
export async function waitUntil(due: number, signal: AbortSignal): Promise<void> {
  const wait = due - monotonicMs();
  if (wait <= 0 || signal.aborted) return;
  await sleep(wait, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
