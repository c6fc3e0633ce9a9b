// A regression that is found is looked for once more, by a test of its own: false alarms, rare already, are squared. So is the power, which
// is why it is asked for and not the rule.
import { compareInTurns, type AbHooks, type AbResult } from './interleave.js';
import type { SequentialOptions } from './sequential-test.js';

export interface ConfirmHooks extends AbHooks {
  /** A regression was found, and a second test begins. */
  onConfirm?: ((first: AbResult) => void) | undefined;
}

/** The second test decides; its pairs are numbered on, so that they have plans of their own. */
export async function compareTwice(options: SequentialOptions, lowerIsBetter: boolean, { onConfirm, ...hooks }: ConfirmHooks): Promise<AbResult> {
  const first = await compareInTurns(options, lowerIsBetter, hooks);
  if (first.verdict !== 'fail') return first;
  onConfirm?.(first);
  const numBefore = first.pairs.length;
  const second = await compareInTurns(options, lowerIsBetter, { ...hooks, measure: (side, pair) => hooks.measure(side, numBefore + pair) });
  return { ...second, first };
}
