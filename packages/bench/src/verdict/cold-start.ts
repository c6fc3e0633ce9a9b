// The first requests were slower than any later one: the server was still loading, compiling or allocating. That many begin together
// in a closed loop explains waits up to so many times a later one's, and no more.
import { completedOf, firstWave, medianOf, waitOf, type Evidence } from './evidence.js';
import { ms, type Finding } from './finding.js';

// Without them nothing tells a cold server from a slow one.
const FEWEST_LATER = 10;
const TIMES_LONGER = 2;
const SIGMAS = 4;

export function coldStart(evidence: Evidence): Finding | undefined {
  const completed = completedOf(evidence);
  const waits = completed.map(waitOf);
  const wave = firstWave(evidence);
  const quickest = waits.slice(0, wave).reduce((a, b) => Math.min(a, b), Infinity);
  // Those that came while the first still waited waited for the same reason.
  const later = waits.filter((_, i) => i >= wave && completed[i]!.timeline.sent > completed[0]!.timeline.sent + quickest);
  if (later.length < FEWEST_LATER) return undefined;
  const median = medianOf(later)!;
  const longest = later.reduce((a, b) => Math.max(a, b));
  const isBeyondReason = quickest > TIMES_LONGER * Math.max(longest, wave * median);
  if (!isBeyondReason || Math.log(quickest / median) < SIGMAS * logDeviation(later, median)) return undefined;
  const share = mean(waits) / mean(later) - 1;
  return {
    fault: 'cold-start',
    evidence: `the first ${wave === 1 ? 'request waited' : `${wave} requests waited at least`} ${ms(quickest)}, later ones ${ms(median)} (median) and at most ${ms(longest)}; that makes the mean TTFT ${(100 * share).toFixed(0)} % higher`,
    mend: 'warm the server up with a run of the same load before this one',
  };
}

/** Of the logarithms, from the median absolute deviation. */
function logDeviation(waits: readonly number[], median: number): number {
  return 1.4826 * medianOf(waits.map((wait) => Math.abs(Math.log(wait / median))))!;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
