// Samples -> the numbers a report prints. Percentiles interpolate linearly between order statistics, h = (N - 1)p
// (Hyndman-Fan type 7, numpy's default).
import { mean, standardDeviation } from 'simple-statistics';

export interface Percentile {
  p: number;
  value: number;
  /** Samples that bound it at 95 %. */
  needs: number;
  /** False: there are fewer; what is shown then, report/percentile-cell.ts knows. */
  isSupported: boolean;
  /** True: the rank falls among requests that timed out; `value` is the time limit, printed as `> value`. */
  isCensored: boolean;
}

export interface Distribution {
  n: number;
  mean: number;
  median: number;
  /** Of the population. */
  std: number;
  min: number;
  max: number;
  percentiles: Percentile[];
}

/** Requests that timed out: slower than every sample, by an unknown amount. */
export interface Censoring {
  count: number;
  limit: number;
}

const NOT_CENSORED: Censoring = { count: 0, limit: Infinity };

/** Undefined without samples. `percents` are in [0, 100]; the median is of the samples, percentiles count censored ones too. */
export function distributionOf(
  samples: readonly number[],
  percents: readonly number[],
  censored = NOT_CENSORED,
): Distribution | undefined {
  if (samples.length === 0) return undefined;
  const sorted = Float64Array.from(samples).sort();
  return {
    n: sorted.length,
    mean: mean(samples as number[]),
    median: interpolate(sorted, 0.5 * (sorted.length - 1)),
    std: standardDeviation(samples as number[]),
    min: sorted[0]!,
    max: sorted.at(-1)!,
    percentiles: percents.map((p) => percentileOf(sorted, p, censored)),
  };
}

export function percentileOf(sorted: Float64Array, percent: number, censored = NOT_CENSORED): Percentile {
  const n = sorted.length + censored.count;
  const rank = ((n - 1) * percent) / 100;
  const isCensored = Math.ceil(rank) >= sorted.length;
  return {
    p: percent,
    value: isCensored ? censored.limit : interpolate(sorted, rank),
    needs: minSamples(percent),
    isSupported: n >= minSamples(percent),
    isCensored,
  };
}

/** At a rank counted from 0, which may lie between two samples. */
export function interpolate(sorted: Float64Array, rank: number): number {
  const below = sorted[Math.floor(rank)]!;
  const above = sorted[Math.ceil(rank)]!;
  return below + (above - below) * (rank - Math.floor(rank));
}

/** Smallest N whose largest (for p < 50, smallest) sample bounds the percentile at 95 % two-sided: p^N <= 0.025. */
export function minSamples(percent: number): number {
  const p = Math.max(percent, 100 - percent) / 100;
  return p === 1 ? 1 : Math.ceil(Math.log(0.025) / Math.log(p));
}
