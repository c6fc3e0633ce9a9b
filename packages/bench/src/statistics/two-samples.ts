// By how much one sample lies above another, with an interval.
import { effectiveSize } from './effective-size.js';
import type { Interval } from './interval.js';
import { normalQuantile, studentQuantile } from './student.js';

export interface Shift {
  /** How far b lies above a. */
  shift: number;
  /** Standard error of the shift; with the interval undefined where the samples cannot tell. */
  error: number | undefined;
  interval: Interval | undefined;
}

/**
 * Difference of the means of a few independent values each, whatever their variances (Welch 1947), degrees of freedom rounded down.
 * At least two values a side.
 */
export function meanShift(a: readonly number[], b: readonly number[], alpha: number): Shift {
  const [first, second] = [momentsOf(a), momentsOf(b)];
  const shift = second.mean - first.mean;
  const square = first.squareError + second.squareError;
  if (square === 0) return { shift, error: 0, interval: { lower: shift, upper: shift } };
  const degrees = square ** 2 / (first.squareError ** 2 / (a.length - 1) + second.squareError ** 2 / (b.length - 1));
  const error = Math.sqrt(square);
  const half = studentQuantile(1 - alpha / 2, Math.max(1, Math.floor(degrees))) * error;
  return { shift, error, interval: { lower: shift - half, upper: shift + half } };
}

function momentsOf(values: readonly number[]): { mean: number; squareError: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, squareError: variance / values.length };
}

/** Of more samples every k-th is taken: all differences of two are sorted. */
const MOST_SAMPLES = 1500;

/**
 * Hodges-Lehmann: the median of all differences b_j - a_i. Its interval lies between the differences at the shares 1/2 ± z sqrt((m + n + 1) / (12 m n)),
 * those at which the Mann-Whitney test turns (Lehmann, Nonparametrics, 1975), m and n the effective sizes of the samples, given in order of time.
 */
export function locationShift(a: readonly number[], b: readonly number[], alpha: number): Shift {
  const [first, second] = [thinned(a), thinned(b)];
  const differences = Float64Array.from({ length: first.length * second.length }, (_, i) => second[i % second.length]! - first[Math.floor(i / second.length)]!).sort();
  const at = (share: number): number => differences[Math.min(differences.length - 1, Math.floor(share * differences.length))]!;
  const [m, n] = [effectiveSize(first)?.size, effectiveSize(second)?.size];
  const half = m === undefined || n === undefined ? Infinity : normalQuantile(1 - alpha / 2) * Math.sqrt((m + n + 1) / (12 * m * n));
  if (!(half < 0.5)) return { shift: at(0.5), error: undefined, interval: undefined };
  const interval = { lower: at(0.5 - half), upper: at(0.5 + half) };
  return { shift: at(0.5), error: (interval.upper - interval.lower) / 2 / normalQuantile(1 - alpha / 2), interval };
}

function thinned(samples: readonly number[]): readonly number[] {
  const step = Math.ceil(samples.length / MOST_SAMPLES);
  return step <= 1 ? samples : samples.filter((_, i) => i % step === 0);
}
