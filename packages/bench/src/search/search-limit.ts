// The highest load at which every limit is kept, by few probes: each at the middle of what the ones before leave possible, until that is
// narrow enough. A probe tells how far it was from its limits, not only on which side, so it says something of every load. Probes are short
// until the place is known, then as long as the precision asks for.
import type { LoadCurve } from './load-curve.js';
import { LimitPosterior, quantileOf, weightsOfLeast } from './posterior.js';

export interface SearchOptions {
  numLimits: number;
  curve: LoadCurve;
  /** Between which the load is sought. */
  lowest: number;
  highest: number;
  /** Concurrency has no halves. */
  wholeLoads: boolean;
  maxProbes: number;
  /** A probe is so many times as long as the first, at most. */
  maxLength: number;
  /** Stops when the load is known to this share, either way, with 95 %. */
  precision: number;
}

export interface Probe {
  load: number;
  /** In lengths of the first. */
  length: number;
  /** One for each limit. */
  excesses: readonly number[];
}

/** `length` may turn out another than was asked for. */
export type RunProbe = (load: number, length: number) => Promise<Omit<Probe, 'load'>>;

export interface SearchResult {
  /** The middle of what is possible, and 95 % of it. */
  load: number;
  interval: { lower: number; upper: number };
  /** Index of the limit that is met first. */
  binding: number;
  probes: readonly Probe[];
  /** Over a limit at the lowest load already, or kept at the highest: the load is beyond the range. */
  isAtEnd: 'lowest' | 'highest' | undefined;
}

/** The load may turn out to be so many times beyond an end of the range; then that end is tried. */
const BEYOND = 2;
/** A step up from the highest load that kept its limits is no longer than this: an overrun server may take long to answer. */
const LONGEST_STEP = 8;
const FEWEST_PROBES = 4;
/** Among how many probes what is still to be learned is divided. */
const PROBES_AHEAD = 3;

export async function searchLimit(options: SearchOptions, probe: RunProbe): Promise<SearchResult> {
  const posteriors = Array.from({ length: options.numLimits }, () => new LimitPosterior(options.curve, options.lowest / BEYOND, options.highest * BEYOND));
  const probes: Probe[] = [];
  for (;;) {
    const result = resultOf(posteriors, probes, options);
    if (probes.length >= options.maxProbes || isKnown(result, options)) return result;
    const load = nextLoad(result, options);
    const done = { load, ...(await probe(load, nextLength(result, options))) };
    probes.push(done);
    posteriors.forEach((posterior, i) => posterior.update(load, done.excesses[i]!, done.length));
  }
}

function resultOf(posteriors: readonly LimitPosterior[], probes: readonly Probe[], options: SearchOptions): SearchResult {
  const { limits } = posteriors[0]!;
  const all = posteriors.map((posterior) => posterior.weights());
  const least = weightsOfLeast(all);
  const medians = all.map((weights) => quantileOf(limits, weights, 0.5));
  return {
    load: quantileOf(limits, least, 0.5),
    interval: { lower: quantileOf(limits, least, 0.025), upper: quantileOf(limits, least, 0.975) },
    binding: medians.indexOf(Math.min(...medians)),
    probes: [...probes],
    isAtEnd: endOf(probes, options),
  };
}

function endOf(probes: readonly Probe[], { lowest, highest }: SearchOptions): SearchResult['isAtEnd'] {
  if (probes.some((probe) => probe.load <= lowest && !isKept(probe))) return 'lowest';
  return probes.some((probe) => probe.load >= highest && isKept(probe)) ? 'highest' : undefined;
}

function isKept({ excesses }: Probe): boolean {
  return excesses.every((excess) => excess <= 0);
}

function isKnown(result: SearchResult, { precision, wholeLoads }: SearchOptions): boolean {
  if (result.isAtEnd) return true;
  if (result.probes.length < FEWEST_PROBES) return false;
  const { lower, upper } = result.interval;
  return halfWidth(result) <= Math.log1p(precision) || (wholeLoads && Math.floor(lower) === Math.floor(upper));
}

/** ln */
function halfWidth({ interval }: SearchResult): number {
  return Math.log(interval.upper / interval.lower) / 2;
}

function nextLoad({ load, probes }: SearchResult, { lowest, highest, wholeLoads }: SearchOptions): number {
  const kept = probes.filter(isKept).map((probe) => probe.load);
  const longest = LONGEST_STEP * Math.max(lowest, ...kept);
  const next = Math.max(lowest, Math.min(load, longest, highest));
  return wholeLoads ? Math.max(1, Math.round(next)) : next;
}

/** The variance of what is known goes with one over all that was asked. */
function nextLength(result: SearchResult, { precision, maxLength }: SearchOptions): number {
  const { probes } = result;
  if (probes.length < PROBES_AHEAD) return 1;
  const soFar = probes.reduce((sum, { length }) => sum + length, 0);
  const missing = soFar * ((halfWidth(result) / precision) ** 2 - 1);
  return Math.min(maxLength, Math.max(1, missing / PROBES_AHEAD));
}
