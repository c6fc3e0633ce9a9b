// 95 % intervals of the percentiles of what each request has once: they hold although neighbours in a queue are alike.
import { latenciesOf } from '../client/timeline.js';
import { seededRandom } from '../plan/seeded-random.js';
import { percentileInterval } from '../statistics/percentile-interval.js';
import type { BenchReport } from './bench-report.js';
import { percentileName } from './percentile-name.js';

const NAMES = ['ttft', 'tpot', 'e2el'] as const;

export type LatencyIntervals = Record<(typeof NAMES)[number], Record<string, [lower: number, upper: number] | null>>;

/** ms, by percentile (`p99`); null where the samples cannot bound it, or requests timed out. */
export function latencyIntervals({ records, latencies, options }: BenchReport): LatencyIntervals {
  const isCensored = records.some(({ outcome }) => outcome === 'timeout');
  const perRequest = records.filter(({ outcome }) => outcome === 'ok').map((record) => latenciesOf(record.timeline, record.outputTokens));
  const random = seededRandom(options.seed, 'intervals').uniform;
  const of = (name: (typeof NAMES)[number]) => {
    const samples = perRequest.map((request) => request[name]).filter((value) => value !== undefined);
    return Object.fromEntries(
      (latencies[name]?.percentiles ?? []).map(({ p }) => {
        const interval = isCensored || p <= 0 || p >= 100 ? undefined : percentileInterval(samples, p, random);
        return [percentileName(p), interval ? ([interval.lower, interval.upper] as [number, number]) : null];
      }),
    );
  };
  return { ttft: of('ttft'), tpot: of('tpot'), e2el: of('e2el') };
}
