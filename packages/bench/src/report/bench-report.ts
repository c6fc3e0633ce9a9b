// What a run found: the value behind the printed report and the JSON files.
import type { BenchOptions } from '../bench-options.js';
import type { Distribution } from '../statistics/distribution.js';
import type { Interval } from '../statistics/interval.js';
import type { Metric } from '../metrics.js';
import type { Attainment } from './goodput.js';
import type { LatencyIntervals } from './intervals.js';
import type { Observed } from '../observe/watch-run.js';
import type { SteadyWindow } from './steady-window.js';
import type { Stopped } from '../stop-rules.js';
import type { Outcome, RequestRecord } from '../client/request-record.js';
import type { TurnFigures } from './turns.js';
import type { Verdict } from '../verdict/finding.js';

export type LatencyName = Metric | 'ttfo' | 'icl' | 'queue';

export interface FailureGroup {
  outcome: Outcome;
  reason: string;
  count: number;
}

/** Something a reader should know before quoting the numbers. */
export interface Note {
  code: string;
  text: string;
}

export interface BenchReport {
  options: BenchOptions;
  model: string;
  /** SHA-256 over prompts and lengths. */
  planHash: string;
  /** Requests share prefixes or histories by plan. */
  expectsCacheHits: boolean;
  startedAt: Date;
  /** Stopped before every planned request was sent or ended. */
  interrupted: boolean;
  /** By a rule of its own. */
  stopped?: Stopped | undefined;
  planned: number;
  completed: number;
  failed: number;
  cancelled: number;
  failures: FailureGroup[];
  /** First send to last end, seconds. */
  durationS: number;
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
  /** Tokens that failed and cancelled requests got; in no other figure. */
  lostOutputTokens: number;
  /** Each a second. */
  requestThroughput: number;
  outputThroughput: number;
  totalThroughput: number;
  /** Mean over requests of output tokens / e2el. */
  userThroughput: number;
  /** Undefined without goodput limits. */
  goodput?: number | undefined;
  attainment?: Attainment | undefined;
  /** Output tokens a second while all slots of a closed loop were busy: without its ramp and its tail. */
  steadyOutputThroughput?: number | undefined;
  /** 95 %; undefined where the run is too short to tell. */
  steadyOutputInterval?: Interval | undefined;
  /** Undefined where there is none: all was sent at once, or too little. */
  steadyWindow?: SteadyWindow | undefined;
  /** Most output tokens in one bucket of a second. */
  peakOutputThroughput: number;
  meanConcurrency: number;
  peakConcurrency: number;
  /** Over requests: mean tokens a step of the server's decoder gave, where it tells. What benchmark_serving 1.0 called Request AR. */
  tokensPerStep?: Distribution | undefined;
  /** Output tokens a read that brought any; 1 when every token came alone. */
  coalescing: number;
  /** ms. Undefined where no request had the metric. */
  latencies: Record<LatencyName, Distribution | undefined>;
  /** Undefined where requests timed out: theirs are among the latencies, and unknown. */
  intervals: LatencyIntervals | undefined;
  /** Undefined where no conversation had a second turn. */
  turns: TurnFigures[] | undefined;
  /** CPU seconds of this process and its native client a second of the run. */
  clientCpu: number;
  observed: Observed;
  verdict: Verdict;
  notes: Note[];
  /** In order of the plan; those never sent are missing. */
  records: RequestRecord[];
}
