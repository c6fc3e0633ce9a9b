// What `trtllm bench ab` says of two servers.
import type { AbResult, Side } from '@trtllm/bench';

const VERDICTS = { pass: 'no regression:', fail: 'regression:', undecided: 'undecided:' } as const;

export const nameOf = (side: Side): string => (side === 'a' ? 'baseline (a)' : 'candidate (b)');

/** "1.20 % worse (95 %: -0.40 to 2.80 %)" */
export function lossText({ loss, interval }: Pick<AbResult, 'loss' | 'interval'>): string {
  const size = `${Math.abs(100 * loss).toFixed(2)} % ${loss < 0 ? 'better' : 'worse'}`;
  return interval ? `${size} (95 %: ${(100 * interval.lower).toFixed(2)} to ${(100 * interval.upper).toFixed(2)} % worse)` : size;
}

export function verdictText(result: AbResult, metric: string, threshold: string): string {
  const found = `${VERDICTS[result.verdict]} b is ${lossText(result)} in ${metric} over ${result.pairs.length} pairs (threshold ${threshold})`;
  if (!result.first) return found;
  return `${found}; ${result.verdict === 'fail' ? 'a second test, which confirms the first' : `a second test: the first, of ${result.first.pairs.length} pairs, had found a regression`}`;
}
