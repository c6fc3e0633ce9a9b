// The interval of a percentile of a run whose neighbours may be alike: between the ranks that bound it in as many independent samples as these
// are worth. No assumption on the distribution. Coverage: tools/simulate-bench-statistics.mjs.
import { percentileRanks } from './binomial-ranks.js';
import { interpolate, percentileOf } from './distribution.js';
import { effectiveSize } from './effective-size.js';
import type { Interval } from './interval.js';
import { normalDistribution, studentQuantile } from './student.js';

/**
 * `samples` in order of start. Undefined where they cannot bound the percentile on both sides. What counts is how alike neighbours are in
 * being above or below the percentile.
 */
export function percentileInterval(samples: readonly number[], percent: number, alpha = 0.05): Interval | undefined {
  const sorted = Float64Array.from(samples).sort();
  const estimate = percentileOf(sorted, percent).value;
  const worth = effectiveSize(Uint8Array.from(samples, (sample) => (sample <= estimate ? 1 : 0)));
  if (worth === undefined) return undefined;
  if (worth.size === sorted.length) return independentInterval(sorted, percent, alpha);
  const size = Math.floor(worth.size);
  const { lower, upper } = percentileRanks(size, percent, widened(alpha, worth.degrees));
  if (lower === undefined || upper === undefined) return undefined;
  const scale = sorted.length / size;
  return { lower: sorted[Math.max(1, Math.floor(scale * lower)) - 1]!, upper: sorted[Math.min(sorted.length, Math.ceil(scale * upper)) - 1]! };
}

function independentInterval(sorted: Float64Array, percent: number, alpha: number): Interval | undefined {
  const { lower, upper, slack } = percentileRanks(sorted.length, percent, alpha);
  if (lower === undefined || upper === undefined) return undefined;
  return { lower: interpolate(sorted, lower - 1 + slack.lower), upper: interpolate(sorted, upper - 1 - slack.upper) };
}

/** The size is an estimate: alpha shrinks to the one whose z is the t of the given one. */
function widened(alpha: number, degrees: number): number {
  return 2 * (1 - normalDistribution(studentQuantile(1 - alpha / 2, degrees)));
}
