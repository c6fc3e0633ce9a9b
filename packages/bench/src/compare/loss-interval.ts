// How much worse the candidate's stored runs are than the baseline's, in one figure: ln of how many times. Several runs a side are independent
// values, and what differs from run to run is in the interval; of one run a side only what differs inside it is.
import { tokenRateInterval } from '../report/throughput-interval.js';
import { normalQuantile } from '../statistics/student.js';
import { locationShift, meanShift, type Shift } from '../statistics/two-samples.js';
import { isThroughput, type AbMetric } from './compared-metrics.js';
import type { RequestView } from '../views/request-view.js';
import type { StoredRun } from './stored-run.js';

export interface Loss extends Shift {
  /** What the interval rests on. */
  from: 'runs' | 'requests';
}

/** Undefined where a side lacks the figure. `alpha` of both tails together. */
export function lossOf(metric: AbMetric, baseline: readonly StoredRun[], candidate: readonly StoredRun[], alpha: number): Loss | undefined {
  const [before, after] = [logFigures(metric, baseline), logFigures(metric, candidate)];
  if (before === undefined || after === undefined) return undefined;
  if (before.length > 1 && after.length > 1) return { ...asLoss(metric, meanShift(before, after, alpha)), from: 'runs' };
  const shift = isThroughput(metric) ? rateShift(metric, baseline, candidate, alpha) : latencyShift(metric, baseline, candidate, alpha);
  return { ...asLoss(metric, shift ?? { shift: mean(after) - mean(before), error: undefined, interval: undefined }), from: 'requests' };
}

function logFigures(metric: AbMetric, runs: readonly StoredRun[]): number[] | undefined {
  const figures = runs.map((run) => run.figures[metric]);
  return figures.every((figure) => figure !== undefined) ? figures.map(Math.log) : undefined;
}

/** More throughput is better, more latency is worse. */
function asLoss(metric: AbMetric, { shift, error, interval }: Shift): Shift {
  if (!isThroughput(metric)) return { shift, error, interval };
  return { shift: -shift, error, interval: interval && { lower: -interval.upper, upper: -interval.lower } };
}

/** Of the logarithms of all requests of a side; gaps between tokens are pooled and make no sample of requests. */
function latencyShift(metric: AbMetric, baseline: readonly StoredRun[], candidate: readonly StoredRun[], alpha: number): Shift | undefined {
  if (metric !== 'ttft' && metric !== 'tpot' && metric !== 'e2el') return undefined;
  const logs = (runs: readonly StoredRun[]): number[] =>
    runs.flatMap(({ requests }) => requests.map((request) => request[metric] ?? 0)).filter((ms) => ms > 0).map(Math.log);
  const [before, after] = [logs(baseline), logs(candidate)];
  return before.length > 0 && after.length > 0 ? locationShift(before, after, alpha) : undefined;
}

/** The ratio of two means, each with its relative error: these add as squares. */
function rateShift(metric: AbMetric, baseline: readonly StoredRun[], candidate: readonly StoredRun[], alpha: number): Shift {
  const shift = mean(logFigures(metric, candidate)!) - mean(logFigures(metric, baseline)!);
  const [before, after] = [relativeError(metric, baseline, alpha), relativeError(metric, candidate, alpha)];
  if (before === undefined || after === undefined) return { shift, error: undefined, interval: undefined };
  const half = Math.hypot(before, after);
  return { shift, error: half / normalQuantile(1 - alpha / 2), interval: { lower: shift - half, upper: shift + half } };
}

/** Of the mean over runs: half the width of the interval over the rate. */
function relativeError(metric: AbMetric, runs: readonly StoredRun[], alpha: number): number | undefined {
  const errors = runs.map(({ requests }) => {
    if (!tellsWhen(requests)) return undefined;
    const timelines = requests.map(({ timeline }) => (metric === 'request_throughput' || timeline.stamps.length === 0 ? { stamps: [timeline.done], tokens: [1] } : timeline));
    const from = requests.reduce((least, { timeline }) => Math.min(least, timeline.sent), Infinity);
    const to = requests.reduce((most, { timeline }) => Math.max(most, timeline.done), -Infinity);
    const interval = tokenRateInterval(timelines, { from, to }, alpha);
    return interval && (interval.upper - interval.lower) / (interval.upper + interval.lower);
  });
  return errors.every((error) => error !== undefined) ? Math.hypot(...errors) / errors.length : undefined;
}

/** Some files have no times of sending. */
function tellsWhen(requests: readonly RequestView[]): boolean {
  return new Set(requests.map(({ timeline }) => timeline.sent)).size > 1;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
