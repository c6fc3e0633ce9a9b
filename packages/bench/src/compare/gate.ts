// trtllm bench gate: are stored results of a candidate worse than those of a baseline? Nothing is measured, so the sample is what it is; and what
// the machine did differently between the runs is in the interval only if several runs a side show it.
import { TrtllmError } from '@trtllm/protocol';
import type { Interval } from '../statistics/interval.js';
import { normalQuantile } from '../statistics/student.js';
import { AB_METRICS, type AbMetric } from './compared-metrics.js';
import { lossOf, type Loss } from './loss-interval.js';
import type { Verdict } from './sequential-test.js';
import type { StoredRun } from './stored-run.js';

export interface GateOptions {
  /** Decides alone. */
  metric: AbMetric;
  /** Smallest loss that matters: 0.03 is 3 %. */
  threshold: number;
  /** Rate of false alarms, and of losses of the threshold that pass. */
  alpha: number;
  /** Compares runs that failed requests, are not believable or had other settings all the same. */
  force: boolean;
}

export interface GateFigure {
  metric: AbMetric;
  /** Geometric means over the runs, as the loss has it. */
  baseline: number;
  candidate: number;
  /** How much worse the candidate is, as a share; negative is better. */
  loss: number;
  interval: Interval | undefined;
}

export interface GateResult {
  verdict: Verdict;
  /** The first decides; intervals of the others are wide enough to hold all at once. */
  figures: GateFigure[];
  /** Share of cases in which the first interval is right. */
  confidence: number;
  from: Loss['from'];
  runs: { baseline: number; candidate: number };
  notes: string[];
}

export const DEFAULT_GATE: GateOptions = { metric: 'output_throughput', threshold: 0.03, alpha: 0.01, force: false };

/** Throws for runs that cannot be compared, unless forced. */
export function gateRuns(baseline: readonly StoredRun[], candidate: readonly StoredRun[], options: GateOptions): GateResult {
  const flaws = [...[...baseline, ...candidate].flatMap(flawsOf), ...settingsThatDiffer([...baseline, ...candidate])];
  if (flaws.length > 0 && !options.force) throw new TrtllmError('BAD_FLAG', `these results cannot be compared (--force does it all the same): ${flaws.join('; ')}`);
  const { metric, alpha } = options;
  const first = lossOf(metric, baseline, candidate, 2 * alpha);
  if (first === undefined) throw new TrtllmError('BAD_FLAG', `--metric ${metric}: not in all files`);
  const others = AB_METRICS.filter((other) => other !== metric && [...baseline, ...candidate].every(({ figures }) => figures[other] !== undefined));
  const figureOf = (name: AbMetric, { shift, interval }: Loss): GateFigure => ({
    metric: name,
    baseline: meanFigure(name, baseline),
    candidate: meanFigure(name, candidate),
    loss: Math.expm1(shift),
    interval: interval && { lower: Math.expm1(interval.lower), upper: Math.expm1(interval.upper) },
  });
  return {
    verdict: verdictOf(first.interval, options.threshold),
    figures: [figureOf(metric, first), ...others.map((other) => figureOf(other, lossOf(other, baseline, candidate, (2 * alpha) / others.length)!))],
    confidence: 1 - 2 * alpha,
    from: first.from,
    runs: { baseline: baseline.length, candidate: candidate.length },
    notes: [...flaws, ...notesOn(first, baseline, candidate, options)],
  };
}

/** `interval` of ln. A loss of the threshold excluded: pass. No loss excluded, and the threshold not: fail. */
function verdictOf(interval: Interval | undefined, threshold: number): Verdict {
  if (interval === undefined) return 'undecided';
  if (interval.upper < Math.log1p(threshold)) return 'pass';
  return interval.lower > 0 ? 'fail' : 'undecided';
}

function flawsOf({ name, completed, failed, interrupted, findings }: StoredRun): string[] {
  return [...(failed > 0 ? [`${name}: ${failed} of ${completed + failed} requests failed`] : []), ...(interrupted ? [`${name}: the run was cut short`] : []), ...findings.map((finding) => `${name}: not believable, ${finding}`)];
}

/** Every setting of which a file has another value than the first. */
function settingsThatDiffer([first, ...others]: readonly StoredRun[]): string[] {
  const differing = new Map<string, string>();
  for (const { name, settings } of others) {
    for (const [key, value] of Object.entries(settings)) {
      const known = first!.settings[key];
      if (known !== undefined && known !== value && !differing.has(key)) differing.set(key, `${key} is ${known} in ${first!.name} and ${value} in ${name}`);
    }
  }
  return [...differing.values()];
}

function notesOn({ from, error, interval }: Loss, baseline: readonly StoredRun[], candidate: readonly StoredRun[], { metric, threshold, alpha }: GateOptions): string[] {
  const notes = from === 'requests' ? ['what the machine did differently between the runs is not in the interval; several runs a side show it, and trtllm bench ab avoids it'] : [];
  if (interval === undefined) {
    const remedy = metric === 'itl' ? 'two runs a side or more' : 'two runs a side or more, or the requests of each run (--save-detailed, or .requests.jsonl beside the file), enough of them and without a trend';
    return [...notes, `no interval: it takes ${remedy}`];
  }
  if (verdictOf(interval, threshold) !== 'undecided') return notes;
  const needed = sizeFactor(error!, threshold, alpha);
  const size = from === 'runs' ? `${Math.max(baseline.length, candidate.length) + Math.ceil(needed * Math.max(baseline.length, candidate.length))} runs a side` : `runs ${Math.max(1.1, needed).toFixed(1)} times as long`;
  return [...notes, needed > MOST_TIMES ? `runs as unlike as these cannot decide ${percentOf(threshold)}: the machine is too noisy` : `to decide ${percentOf(threshold)} in nine of ten cases it takes about ${size}`];
}

const MOST_TIMES = 100;
const percentOf = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;

/** How many times as many samples leave a miss of 10 %: the error goes with one over the root of their number. */
function sizeFactor(error: number, threshold: number, alpha: number): number {
  return (((normalQuantile(1 - alpha) + normalQuantile(0.9)) * error) / Math.log1p(threshold)) ** 2;
}

function meanFigure(metric: AbMetric, runs: readonly StoredRun[]): number {
  return Math.exp(runs.reduce((sum, { figures }) => sum + Math.log(figures[metric]!), 0) / runs.length);
}
