// How much worse the candidate's stored runs are than the baseline's, in one figure: ln of how many times. Several runs a side are independent
// values, and what differs from run to run is in the interval; of one run a side only what differs inside it is.
import { tokenRateInterval } from '../report/throughput-interval.js';
import { locationShift, meanShift, type Shift } from '../statistics/two-samples.js';
import { isThroughput, type AbMetric } from './compared-metrics.js';
import type { StoredRequest, StoredRun } from './stored-run.js';

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
  return { ...asLoss(metric, shift ?? { shift: mean(after) - mean(before), interval: undefined }), from: 'requests' };
}

function logFigures(metric: AbMetric, runs: readonly StoredRun[]): number[] | undefined {
  const figures = runs.map((run) => run.figures[metric]);
  return figures.every((figure) => figure !== undefined) ? figures.map(Math.log) : undefined;
}

/** More throughput is better, more latency is worse. */
function asLoss(metric: AbMetric, { shift, interval }: Shift): Shift {
  if (!isThroughput(metric)) return { shift, interval };
  return { shift: -shift, interval: interval && { lower: -interval.upper, upper: -interval.lower } };
}

const LATENCIES: Partial<Record<AbMetric, (request: StoredRequest) => number | undefined>> = {
  ttft: ({ ttft }) => ttft,
  e2el: ({ e2el }) => e2el,
  tpot: ({ ttft, e2el, outputTokens }) => (outputTokens > 1 ? (e2el - ttft) / (outputTokens - 1) : undefined),
};

/** Of the logarithms of all requests of a side; gaps between reads are pooled in the files and make no sample of requests. */
function latencyShift(metric: AbMetric, baseline: readonly StoredRun[], candidate: readonly StoredRun[], alpha: number): Shift | undefined {
  const latency = LATENCIES[metric];
  const logs = (runs: readonly StoredRun[]): number[] =>
    runs.flatMap(({ requests }) => requests.map((request) => latency?.(request)).filter((ms) => ms !== undefined && ms > 0)).map((ms) => Math.log(ms!));
  const [before, after] = [logs(baseline), logs(candidate)];
  return before.length > 0 && after.length > 0 ? locationShift(before, after, alpha) : undefined;
}

/** The ratio of two means, each with its relative error: these add as squares. */
function rateShift(metric: AbMetric, baseline: readonly StoredRun[], candidate: readonly StoredRun[], alpha: number): Shift {
  const shift = mean(logFigures(metric, candidate)!) - mean(logFigures(metric, baseline)!);
  const [before, after] = [relativeError(metric, baseline, alpha), relativeError(metric, candidate, alpha)];
  const half = before === undefined || after === undefined ? undefined : Math.hypot(before, after);
  return { shift, interval: half === undefined ? undefined : { lower: shift - half, upper: shift + half } };
}

/** Of the mean over runs: half the width of the interval over the rate. */
function relativeError(metric: AbMetric, runs: readonly StoredRun[], alpha: number): number | undefined {
  const errors = runs.map(({ requests }) => {
    const timelines = requests.map((request) => timelineOf(request, metric === 'request_throughput'));
    if (timelines.length === 0 || timelines.some((timeline) => timeline === undefined)) return undefined;
    const from = requests.reduce((least, { start }) => Math.min(least, start!), Infinity);
    const to = requests.reduce((most, { start, e2el }) => Math.max(most, start! + e2el), -Infinity);
    const interval = tokenRateInterval(timelines as Timeline[], { from, to }, alpha);
    return interval && (interval.upper - interval.lower) / (interval.upper + interval.lower);
  });
  return errors.every((error) => error !== undefined) ? Math.hypot(...errors) / errors.length : undefined;
}

type Timeline = { stamps: number[]; tokens: number[] };

/** Its tokens spread over its reads, or the request itself at its end. */
function timelineOf({ start, ttft, e2el, gaps, outputTokens }: StoredRequest, asOne: boolean): Timeline | undefined {
  if (start === undefined) return undefined;
  if (asOne || gaps.length === 0) return { stamps: [start + e2el], tokens: [asOne ? 1 : outputTokens] };
  let at = start + ttft;
  const stamps = [at, ...gaps.map((gap) => (at += gap))];
  return { stamps, tokens: stamps.map(() => outputTokens / stamps.length) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
