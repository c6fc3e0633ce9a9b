// What trials of a build against itself say of a machine, in lines.
import type { Calibration } from './aa-store.js';
import type { SequentialOptions } from './sequential-test.js';

/** So many tell false alarms of 1 % from too many. */
const WANTED = 50;

export function calibrationText(calibration: Calibration | undefined, { threshold, maxPairs, minPairs }: SequentialOptions): string {
  if (calibration === undefined) return `A/A: no trial of these settings on this machine yet; ${WANTED} with --aa tell what can be decided here`;
  const { trials, deviation, smallestLoss, pairsNeeded, tested, falseAlarms, isTooAlarming } = calibration;
  const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;
  const count = `A/A: ${trials} ${trials === 1 ? 'trial' : 'trials'} of these settings on this machine${trials < WANTED ? ` (${WANTED} are wanted)` : ''}`;
  const reach = smallestLoss > threshold ? `${maxPairs} pairs decide no loss below ${percent(smallestLoss)}: make blocks longer (--num-prompts)` : `a loss of ${percent(threshold)} takes about ${Math.max(minPairs, pairsNeeded)} pairs`;
  const alarms = `${falseAlarms} of ${tested} found a regression${isTooAlarming ? ', more than chance allows: make blocks longer (--num-prompts)' : ''}`;
  return `${count}: a pair's noise is ${percent(deviation)}, ${reach}; ${alarms}`;
}
