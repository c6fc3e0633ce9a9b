// When requests are due. The whole plan is drawn before the run as absolute offsets, so that a late sender never shifts
// the requests behind it.
import { gamma, seededRandom } from './seeded-random.js';

export interface ArrivalOptions {
  numPrompts: number;
  /** Requests a second; Infinity: all due at once, then only the concurrency limit holds them back. */
  requestRate: number;
  /** Gamma shape b of the gaps (squared coefficient of variation 1/b); Infinity: constant gaps. */
  burstiness: number;
  seed: number;
}

/** Offsets in ms from the start of the run, ascending; the first is 0. */
export function planArrivals(options: ArrivalOptions): Float64Array {
  const offsets = new Float64Array(options.numPrompts);
  if (options.requestRate === Infinity) return offsets;
  const random = seededRandom(options.seed, 'arrivals');
  const meanGapMs = 1000 / options.requestRate;
  const shape = options.burstiness;
  for (let i = 1; i < offsets.length; i++) {
    const gap = shape === Infinity ? 1 : gamma(random, shape) / shape;
    offsets[i] = offsets[i - 1]! + gap * meanGapMs;
  }
  return offsets;
}
