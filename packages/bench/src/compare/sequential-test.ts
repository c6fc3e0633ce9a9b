// Is the candidate worse? Decided pair by pair of interleaved blocks, as early as the evidence allows.
import { normalQuantile, studentQuantile } from '../statistics/student.js';

export type Verdict = 'pass' | 'fail' | 'undecided';

export interface SequentialOptions {
  /** Smallest loss that matters: 0.03 is 3 %. */
  threshold: number;
  /** Nominal rates of false alarms and of misses: they set the bounds. */
  alpha: number;
  beta: number;
  minPairs: number;
  maxPairs: number;
}

/**
 * The bounds ln((1 - beta) / alpha) and ln(beta / (1 - alpha)) are Wald's (Sequential Analysis, 1947), whose variance is known; here it is not,
 * and the rates that come of it are larger. These keep 1 % of false alarms and 95 % of power at 3 % noise in each block, so 4.2 % in a
 * pair (tools/simulate-bench-statistics.mjs).
 */
export const DEFAULT_SEQUENTIAL: SequentialOptions = { threshold: 0.03, alpha: 0.005, beta: 0.02, minPairs: 6, maxPairs: 100 };

/** 'undecided' before maxPairs means: another pair, please. */
export interface Decision {
  verdict: Verdict;
  isFinal: boolean;
  /** Of "a loss of the threshold" over "no loss", logarithm. */
  evidence: number;
}

/**
 * `differences`: ln of how many times worse the candidate was in each pair. The likelihood ratio of "a loss of delta or more" over "no loss",
 * each with the mean and variance that fit it best: (k / 2) ln(sum of (d - m0)^2 / sum of (d - m1)^2), m0 = min(mean, 0), m1 = max(mean, delta).
 * With fixed means 0 and delta, a loss far beyond delta fits both equally badly, and is never decided (simulated: 68 % slower, 40 pairs).
 */
export function decide(differences: readonly number[], options: SequentialOptions = DEFAULT_SEQUENTIAL): Decision {
  const { threshold, alpha, beta, minPairs, maxPairs } = options;
  const pairs = differences.length;
  const delta = Math.log1p(threshold);
  const squares = (center: number): number => differences.reduce((sum, d) => sum + (d - center) ** 2, 0);
  const mean = differences.reduce((sum, d) => sum + d, 0) / pairs;
  const evidence = (pairs / 2) * Math.log(Math.max(squares(Math.min(mean, 0)), Number.MIN_VALUE) / Math.max(squares(Math.max(mean, delta)), Number.MIN_VALUE));
  if (pairs >= minPairs && evidence >= Math.log((1 - beta) / alpha)) return { verdict: 'fail', isFinal: true, evidence };
  if (pairs >= minPairs && evidence <= Math.log(beta / (1 - alpha))) return { verdict: 'pass', isFinal: true, evidence };
  return { verdict: 'undecided', isFinal: pairs >= maxPairs, evidence };
}

/** Prior weight of the mixture, in pairs: tightest near 15. */
const MIXTURE = 2;

/**
 * An interval of the mean difference that holds at every number of pairs at once, looked at as often as one likes: the normal mixture
 * (Robbins 1970), widened by t over z because the deviation is estimated. Undefined below 6 pairs.
 */
export function alwaysValidInterval(differences: readonly number[], alpha = 0.05): { lower: number; upper: number } | undefined {
  const pairs = differences.length;
  if (pairs < 6) return undefined;
  const mean = differences.reduce((sum, d) => sum + d, 0) / pairs;
  const deviation = Math.sqrt(differences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / (pairs - 1));
  const widening = studentQuantile(1 - alpha / 2, pairs - 1) / normalQuantile(1 - alpha / 2);
  const half = (widening * deviation * Math.sqrt((pairs + MIXTURE) * Math.log((pairs + MIXTURE) / (MIXTURE * alpha * alpha)))) / pairs;
  return { lower: mean - half, upper: mean + half };
}
