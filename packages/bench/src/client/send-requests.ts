// Sends planned requests when they are due and a slot is free. A request that waits for a slot keeps its due time, so that
// the wait shows as `queue` and in latencies from the schedule.
import { monotonicMs } from './timeline.js';
import { waitUntil } from './wait-until.js';

export interface SendPlan {
  /** ms from the start, ascending. */
  offsets: Float64Array;
  /** ms of the monotonic clock; undefined: now. */
  startAt?: number | undefined;
  /** Undefined: any number at once. */
  maxConcurrency?: number | undefined;
  /** All due at once with a limit: the due time of a request is when its slot came free. */
  isClosedLoop: boolean;
}

/** Resolves when every request that was sent has ended. An abort sends no more. */
export async function sendRequests(
  plan: SendPlan,
  send: (index: number, scheduled: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const start = plan.startAt ?? monotonicMs();
  const slots = new Slots(plan.maxConcurrency ?? Infinity);
  const open: Promise<void>[] = [];
  for (const [index, offset] of plan.offsets.entries()) {
    await waitUntil(start + offset, signal);
    const freeSince = await slots.take();
    if (signal.aborted) break;
    const scheduled = plan.isClosedLoop ? (freeSince ?? start) : start + offset;
    open.push(send(index, scheduled).finally(() => slots.release()));
  }
  await Promise.all(open);
}

class Slots {
  #freedAt: number[] = [];
  #wake: (() => void) | undefined;

  constructor(private unused: number) {}

  /** When the slot came free; undefined for one that nobody had before. */
  async take(): Promise<number | undefined> {
    if (this.unused > 0) {
      this.unused--;
      return undefined;
    }
    if (this.#freedAt.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#freedAt.shift();
  }

  release(): void {
    this.#freedAt.push(monotonicMs());
    this.#wake?.();
  }
}
