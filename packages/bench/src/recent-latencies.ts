// Latencies of the requests that ended last, for a live view: what is true now, not since the start.
import type { RequestRecord } from './client/request-record.js';
import { latenciesOf } from './client/timeline.js';
import { percentileOf } from './statistics/distribution.js';

const LIVE_METRICS = ['ttft', 'tpot', 'e2el'] as const;

/** ms. */
export interface LivePercentiles {
  p50: number;
  /** undefined: too few requests to be more than the maximum. */
  p99: number | undefined;
}

export type LiveLatencies = Partial<Record<(typeof LIVE_METRICS)[number], LivePercentiles>>;

const KEPT = 500;
const LEAST_FOR_P99 = 100;

export class RecentLatencies {
  readonly #records: RequestRecord[] = [];
  #next = 0;

  /** Nothing is worked out here, which is between two reads of the client. */
  add(record: RequestRecord): void {
    this.#records[this.#next++ % KEPT] = record;
  }

  percentiles(): LiveLatencies {
    const latencies = this.#records.map(({ timeline, outputTokens }) => latenciesOf(timeline, outputTokens));
    const entries = LIVE_METRICS.map((metric) => [metric, percentiles(latencies.flatMap((each) => each[metric] ?? []))] as const);
    return Object.fromEntries(entries.filter(([, found]) => found !== undefined));
  }
}

function percentiles(values: number[]): LivePercentiles | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  return { p50: percentileOf(sorted, 50).value, p99: sorted.length < LEAST_FOR_P99 ? undefined : percentileOf(sorted, 99).value };
}
