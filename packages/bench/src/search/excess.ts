// How far a probe was from its limit: ln(percentile / limit). 0 is the limit, positive is over it.
import type { Metric } from '../metrics.js';
import { percentileOf } from '../statistics/distribution.js';

/** The `percent`-th percentile of the metric is to be at most `limitMs`. */
export interface Slo {
  metric: Metric;
  percent: number;
  limitMs: number;
}

/** Farther off than this nobody needs to know how far. */
export const LEAST_EXCESS = -2.5;
export const MOST_EXCESS = 1.2;

/** In place of Infinity, between which nothing can be interpolated. */
const LONGEST_MS = 1e12;

/**
 * Of the requests that a run begins with, while the server fills. A fixed share: a cut that looks at the samples, as MSER does, is drawn
 * behind early bursts, and bursts are what a high percentile consists of.
 */
const WARM_UP_SHARE = 0.1;

/** `samples` in ms in order of start, Infinity for requests that failed. */
export function excessOf(samples: readonly number[], { percent, limitMs }: Slo): number {
  const steady = Float64Array.from(samples.slice(Math.floor(WARM_UP_SHARE * samples.length)), (sample) => Math.min(sample, LONGEST_MS)).sort();
  return clipped(Math.log(percentileOf(steady, percent).value / limitMs));
}

export function clipped(excess: number): number {
  return Math.min(MOST_EXCESS, Math.max(LEAST_EXCESS, excess));
}
