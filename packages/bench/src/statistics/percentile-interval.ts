// The interval of a percentile of a run, whose neighbours may be alike: by ranks for the effective number of samples, and by a bootstrap
// of blocks; the wider of both. Of more samples than MOST_DRAWN ranks alone: drawing them again takes seconds and changes little.
import { blockLength, bootstrapInterval, type Interval, type Random } from './block-bootstrap.js';
import { percentileRanks } from './binomial-ranks.js';
import { autocorrelation, effectiveSize } from './correlation.js';
import { percentileOf } from './distribution.js';

const MOST_DRAWN = 1000;

/** `samples` in order of start. Undefined where they cannot bound the percentile on both sides. */
export function percentileInterval(samples: readonly number[], percent: number, random: Random, alpha = 0.05): Interval | undefined {
  const n = samples.length;
  const sorted = Float64Array.from(samples).sort();
  const estimate = percentileOf(sorted, percent).value;
  const isBelow = samples.map((sample) => (sample <= estimate ? 1 : 0));
  const size = Math.floor(effectiveSize(isBelow));
  const { lower, upper } = percentileRanks(size, percent, alpha);
  if (lower === undefined || upper === undefined) return undefined;
  const byRanks = { lower: sorted[Math.max(1, Math.floor((n * lower) / size)) - 1]!, upper: sorted[Math.min(n, Math.ceil((n * upper) / size)) - 1]! };
  if (size === n || n > MOST_DRAWN) return byRanks;
  const blocks = blockLength(autocorrelation(samples, 1), n);
  const byBlocks = bootstrapInterval(samples, blocks, (drawn) => percentileOf(Float64Array.from(drawn).sort(), percent).value, random, alpha);
  return { lower: Math.min(byRanks.lower, byBlocks.lower), upper: Math.max(byRanks.upper, byBlocks.upper) };
}
