// 95 % intervals of the percentiles of what each request has once: they hold although neighbours in a queue are alike.
import type { Latencies } from '../client/timeline.js';
import type { Distribution } from '../statistics/distribution.js';
import { percentileInterval } from '../statistics/percentile-interval.js';
import { percentileName } from './percentile-name.js';

type PerRequest = 'ttft' | 'tpot' | 'e2el';

/** ms, by percentile (`p99`); null where the samples cannot bound it. */
export type LatencyIntervals = Record<PerRequest, Record<string, [lower: number, upper: number] | null>>;

/** `requests` in order of start; of the percentiles that `distributions` have. */
export function latencyIntervals(requests: readonly Latencies[], distributions: Record<PerRequest, Distribution | undefined>): LatencyIntervals {
  const of = (name: PerRequest): LatencyIntervals[PerRequest] => {
    const samples = requests.map((request) => request[name]).filter((value) => value !== undefined);
    const entries = (distributions[name]?.percentiles ?? []).map(({ p }) => [percentileName(p), p > 0 && p < 100 ? percentileInterval(samples, p) : undefined] as const);
    return Object.fromEntries(entries.map(([name, interval]) => [name, interval ? [interval.lower, interval.upper] : null]));
  };
  return { ttft: of('ttft'), tpot: of('tpot'), e2el: of('e2el') };
}
