// One level of a sweep: just measured, or kept from a sweep before.
import type { BenchOptions } from '../bench-options.js';
import type { BenchReport } from '../report/bench-report.js';
import type { Metric } from '../metrics.js';
import type { RequestView } from '../views/request-view.js';

/** What tables, knee and drift are made of. */
export interface LevelReport extends Pick<BenchReport, 'completed' | 'failed' | 'requestThroughput' | 'outputThroughput' | 'totalThroughput' | 'goodput' | 'peakConcurrency' | 'notes' | 'verdict'> {
  latencies: Pick<BenchReport['latencies'], Metric>;
  options: Pick<BenchOptions, 'forcePercentiles'>;
}

/** A result file of before. */
export interface KeptRun {
  path: string;
  json: Record<string, unknown>;
  requests: RequestView[] | undefined;
}

interface Level {
  /** Requests in flight, or a second; Infinity: no limit. */
  level: number;
}

export type LevelResult = (Level & { report: BenchReport; kept?: undefined }) | (Level & { report: LevelReport; kept: KeptRun });
