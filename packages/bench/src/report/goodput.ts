// Goodput: which requests kept every limit they were given.
import type { BenchOptions } from '../bench-options.js';
import type { Latencies } from '../client/timeline.js';
import { METRICS, type Metric } from '../metrics.js';
import { percentileOf } from '../statistics/distribution.js';

export interface Judged {
  outputTokens: number;
  latencies: Latencies;
}

/** Shares of all requests that ended, failed ones among them as misses: by limit, and that kept all. */
export interface Attainment {
  each: Partial<Record<Metric, number>>;
  all: number;
}

type Limits = Pick<BenchOptions, 'goodput' | 'requestRate'>;

export function isGood(request: Judged, limits: Limits): boolean {
  return METRICS.every((metric) => keeps(request, metric, limits));
}

export function attainmentOf(completed: readonly Judged[], numEnded: number, limits: Limits): Attainment | undefined {
  if (numEnded === 0) return undefined;
  const share = (test: (request: Judged) => boolean): number => completed.filter(test).length / numEnded;
  const metrics = METRICS.filter((metric) => limits.goodput[metric] !== undefined);
  return { each: Object.fromEntries(metrics.map((metric) => [metric, share((request) => keeps(request, metric, limits))])), all: share((request) => isGood(request, limits)) };
}

/** What a request of one token does not have counts as kept. */
function keeps(request: Judged, metric: Metric, { goodput, requestRate }: Limits): boolean {
  const limit = goodput[metric];
  if (limit === undefined || (request.outputTokens === 1 && (metric === 'tpot' || metric === 'itl'))) return true;
  return (valueOf(request.latencies, metric, requestRate !== Infinity) ?? Infinity) <= limit;
}

/** ms; of a request's gaps their 95th percentile. At a given rate from the schedule, so that a late client cannot hide a slow server. */
export function valueOf(latencies: Latencies, metric: Metric, fromSchedule: boolean): number | undefined {
  const wait = fromSchedule ? latencies.queue : 0;
  if (metric === 'ttft') return latencies.ttft === undefined ? undefined : latencies.ttft + wait;
  if (metric === 'e2el') return latencies.e2el + wait;
  if (metric === 'tpot') return latencies.tpot;
  return latencies.itl.length === 0 ? undefined : percentileOf(Float64Array.from(latencies.itl).sort(), 95).value;
}
