// Seven numbers of a sample as trtllm-bench counts them: its percentile is sorted[int(n p)], one rank above the interpolated one.
import { mean } from 'simple-statistics';

export interface SevenNumbers {
  p50: number;
  p90: number;
  p95: number;
  p99: number;
  minimum: number;
  maximum: number;
  average: number;
}

/** Of at least one sample. */
export function sevenNumbers(samples: readonly number[]): SevenNumbers {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (p: number): number => sorted[Math.floor(sorted.length * p)]!;
  return { p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99), minimum: sorted[0]!, maximum: sorted.at(-1)!, average: mean(sorted) };
}
