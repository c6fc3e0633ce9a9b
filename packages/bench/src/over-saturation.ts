// Over-saturation while a run at a steady rate goes on, open requests included (the verdict looks at whole runs): three
// signs, all of them: a rising trend of what is in flight, by a fifth of its mean and by two of a hundred arrivals, and of TTFT as well.
import { trendOf } from './statistics/trend.js';

/** One request: ms of one clock; `firstAt` and `endedAt` undefined while there is none. */
export interface Passage {
  sentAt: number;
  firstAt?: number | undefined;
  endedAt?: number | undefined;
}

export interface Saturation {
  /** Requests in flight, more by so many a second. */
  growthPerS: number;
  meanInFlight: number;
}

const SLICES = 20;
/** Of the sends; while the server fills there is growth that ends. */
const LEFT_OUT = 0.25;
const LEAST_REQUESTS = 100;
const LEAST_GROWTH = 0.2;
const LEAST_SHARE_OF_ARRIVALS = 0.02;

/** `passages` in order of sending. Undefined: no sign of it, or too few requests to tell. */
export function saturationOf(passages: readonly Passage[], alpha = 0.05): Saturation | undefined {
  const [start, to] = [passages[0]?.sentAt, passages.at(-1)?.sentAt];
  if (passages.length < LEAST_REQUESTS || start === undefined || to === undefined) return undefined;
  const from = start + LEFT_OUT * (to - start);
  const inFlight = meanInFlight(passages, from, to);
  const trend = trendOf(inFlight, alpha);
  if (!trend?.isRising) return undefined;
  const mean = inFlight.reduce((sum, value) => sum + value, 0) / SLICES;
  const growth = trend.slope * SLICES;
  const arrivals = passages.filter(({ sentAt }) => sentAt >= from).length;
  if (growth < LEAST_GROWTH * mean || growth < LEAST_SHARE_OF_ARRIVALS * arrivals) return undefined;
  const waits = waitsBySlice(passages, from, to);
  return trendOf(waits, alpha)?.isRising ? { growthPerS: (1000 * growth) / (to - from), meanInFlight: mean } : undefined;
}

/** In each slice of [from, to), by the time that each request spends in it. */
function meanInFlight(passages: readonly Passage[], from: number, to: number): number[] {
  const width = (to - from) / SLICES;
  const sums = new Float64Array(SLICES);
  for (const { sentAt, endedAt = Infinity } of passages) {
    const last = Math.min(SLICES - 1, Math.floor((endedAt - from) / width));
    for (let slice = Math.max(0, Math.floor((sentAt - from) / width)); slice <= last; slice++) {
      const begin = from + slice * width;
      sums[slice]! += Math.max(0, Math.min(endedAt, begin + width) - Math.max(sentAt, begin));
    }
  }
  return Array.from(sums, (sum) => sum / width);
}

/** Mean wait for the first token (without one, for the end) of requests sent in a slice; slices without any are left out. */
function waitsBySlice(passages: readonly Passage[], from: number, to: number): number[] {
  const slices: number[][] = Array.from({ length: SLICES }, () => []);
  for (const { sentAt, firstAt, endedAt } of passages) {
    const seenAt = firstAt ?? endedAt;
    if (sentAt >= from && sentAt < to && seenAt !== undefined) slices[Math.min(SLICES - 1, Math.floor(((sentAt - from) / (to - from)) * SLICES))]!.push(seenAt - sentAt);
  }
  return slices.filter((waits) => waits.length > 0).map((waits) => waits.reduce((sum, wait) => sum + wait, 0) / waits.length);
}
