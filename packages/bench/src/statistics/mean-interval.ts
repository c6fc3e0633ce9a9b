// The interval of a mean of values whose neighbours may be alike.
import { effectiveSize } from './effective-size.js';
import type { Interval } from './interval.js';
import { studentQuantile } from './student.js';

/** Mean ± t s / sqrt(effective size), t with the degrees of that size. `values` in order of time; undefined where they cannot tell. */
export function meanInterval(values: ArrayLike<number>, alpha = 0.05): Interval | undefined {
  const n = values.length;
  const worth = n < 2 ? undefined : effectiveSize(values);
  if (worth === undefined) return undefined;
  const all = Array.from(values);
  const mean = all.reduce((sum, value) => sum + value, 0) / n;
  const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = studentQuantile(1 - alpha / 2, worth.degrees) * Math.sqrt(variance / worth.size);
  return { lower: mean - half, upper: mean + half };
}
