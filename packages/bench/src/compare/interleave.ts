// Two servers measured in turns, pair by pair, until the sequential test decides. Drift of the machine falls on both members of a pair.
import { alwaysValidInterval, decide, type SequentialOptions, type Verdict } from './sequential-test.js';

export type Side = 'a' | 'b';

export interface Pair {
  a: number;
  b: number;
  /** ln of how many times worse b is. */
  difference: number;
  first: Side;
}

export interface AbResult {
  verdict: Verdict;
  pairs: Pair[];
  /** How much worse b is, as a share: 0.03 is 3 % worse, negative is better. */
  loss: number;
  /** 95 %, valid however often one has looked; undefined below 6 pairs. */
  interval: { lower: number; upper: number } | undefined;
  /** A test before, which found a regression that this one was to confirm. */
  first?: AbResult | undefined;
}

export interface AbHooks {
  /** One block on one server; both members of a pair get the same number, and so the same plan. */
  measure: (side: Side, pair: number) => Promise<number>;
  /** Uniform in [0, 1): who goes first. */
  random: () => number;
  onPair?: ((pair: Pair, soFar: AbResult) => void) | undefined;
}

/** `lowerIsBetter`: of the measured figure, which must be above 0. */
export async function compareInTurns(options: SequentialOptions, lowerIsBetter: boolean, { measure, random, onPair }: AbHooks): Promise<AbResult> {
  const pairs: Pair[] = [];
  for (;;) {
    const first: Side = random() < 0.5 ? 'a' : 'b';
    const second: Side = first === 'a' ? 'b' : 'a';
    const values = { [first]: await measure(first, pairs.length) } as Record<Side, number>;
    values[second] = await measure(second, pairs.length);
    const { a, b } = values;
    const pair = { a, b, first, difference: lowerIsBetter ? Math.log(b / a) : Math.log(a / b) };
    pairs.push(pair);
    const differences = pairs.map(({ difference }) => difference);
    const { verdict, isFinal } = decide(differences, options);
    const result = { verdict, pairs, loss: asShare(differences.reduce((sum, d) => sum + d, 0) / pairs.length), interval: intervalOf(differences) };
    onPair?.(pair, result);
    if (isFinal) return result;
  }
}

const asShare = (difference: number): number => Math.expm1(difference);

function intervalOf(differences: readonly number[]): AbResult['interval'] {
  const interval = alwaysValidInterval(differences);
  return interval && { lower: asShare(interval.lower), upper: asShare(interval.upper) };
}
