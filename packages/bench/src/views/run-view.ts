// One run as every report shows it, read from a result file: ours, vLLM's or benchmark_serving's.
import { TrtllmError } from '@trtllm/protocol';
import { z } from 'zod';
import type { Note } from '../report/bench-report.js';
import { METRICS, type Metric } from '../metrics.js';
import { isShown } from '../report/percentile-cell.js';
import { distributionOf, minSamples, type Percentile } from '../statistics/distribution.js';
import type { RequestView } from './request-view.js';

export interface StoredPercentile extends Pick<Percentile, 'p' | 'isSupported' | 'isCensored'> {
  /** null: refused, since the sample cannot support it. */
  value: number | null;
}

export interface LatencyView {
  mean?: number | undefined;
  percentiles: StoredPercentile[];
  /** 95 %, by percentile (`p99`). */
  intervals: Record<string, [number, number] | null>;
}

export interface RunView {
  /** Short; how tables and legends call it. */
  label: string;
  /** Runs of one group stand in one table: a `--type`, or ''. */
  group: string;
  /** Runs of one series are points of one line. */
  series: string;
  file: ResultFile;
  /** req/s; Infinity: all at once, or as slots come free. */
  requestRate: number;
  maxConcurrency: number | undefined;
  latencies: Partial<Record<Metric, LatencyView>>;
  notes: Note[];
  failures: { outcome: string; reason: string; count: number }[];
  requests: RequestView[] | undefined;
}

const percentile = z.object({ p: z.number(), value: z.number().nullable(), isSupported: z.boolean(), isCensored: z.boolean() });
const distribution = z.object({ mean: z.number(), percentiles: z.array(percentile) });
const interval = z.tuple([z.number(), z.number()]).nullable();

const turn = z.object({ turn: z.number(), completed: z.number(), failed: z.number(), mean_input_tokens: z.number(), cached_share: z.number(), latencies_ms: z.record(z.string(), distribution.nullable()) });
export type StoredTurn = z.infer<typeof turn>;

const own = z.looseObject({
  started_at: z.string().optional(),
  config: z.looseObject({ base_url: z.string(), dataset: z.string(), input_len: z.number(), output_len: z.number(), stream: z.boolean() }).partial().optional(),
  failures: z.array(z.object({ outcome: z.string(), reason: z.string(), count: z.number() })).default([]),
  mean_concurrency: z.number().optional(),
  steady_output_throughput: z.number().nullish(),
  latencies_ms: z.record(z.string(), distribution.nullable()).default({}),
  intervals_95_ms: z.record(z.string(), z.record(z.string(), interval)).nullish(),
  turns: z.array(turn).optional(),
  verdict: z.object({ believable: z.boolean(), findings: z.array(z.object({ fault: z.string(), evidence: z.string(), mend: z.string() })) }).optional(),
  notes: z.array(z.looseObject({ code: z.string(), text: z.string() })).default([]),
});

const resultFile = z.looseObject({
  date: z.string().optional(),
  backend: z.string().optional(),
  model_id: z.string().nullish(),
  label: z.string().nullish(),
  num_prompts: z.number(),
  request_rate: z.union([z.number(), z.literal('inf')]).optional(),
  max_concurrency: z.number().nullish(),
  duration: z.number(),
  completed: z.number(),
  failed: z.number().optional(),
  total_input_tokens: z.number(),
  total_output_tokens: z.number(),
  request_throughput: z.number(),
  request_goodput: z.number().nullish(),
  output_throughput: z.number(),
  total_token_throughput: z.number(),
  user_throughput: z.number().optional(),
  trtllm: own.optional(),
});
export type ResultFile = z.infer<typeof resultFile>;

export interface RunNames {
  label: string;
  group?: string | undefined;
  series?: string | undefined;
}

/** `where` names the file for a refusal. */
export function runView(json: unknown, { label, group = '', series }: RunNames, where: string, requests?: RequestView[]): RunView {
  const parsed = resultFile.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new TrtllmError('BAD_FLAG', `${where}: expected a result of trtllm bench, vllm bench serve or benchmark_serving; ${issue?.path.join('.') || 'the whole'}: ${issue?.message}`);
  }
  const file = parsed.data;
  return {
    label,
    group,
    series: series ?? file.label ?? file.model_id ?? '',
    file,
    requestRate: typeof file.request_rate === 'number' ? file.request_rate : Infinity,
    maxConcurrency: file.max_concurrency ?? undefined,
    latencies: Object.fromEntries(METRICS.map((metric) => [metric, latencyOf(file, metric, requests)])),
    notes: file.trtllm?.notes ?? [],
    failures: file.trtllm?.failures ?? [],
    requests,
  };
}

const OWN_PERCENTS = [50, 90, 99];

/** Our own distribution; or of the requests; or what the keys tell. */
function latencyOf(file: ResultFile, metric: Metric, requests: RequestView[] | undefined): LatencyView | undefined {
  const intervals = file.trtllm?.intervals_95_ms?.[metric] ?? {};
  const found = file.trtllm?.latencies_ms[metric] ?? ofRequests(requests ?? [], metric);
  if (found) return { mean: found.mean, percentiles: found.percentiles, intervals };
  const percentiles = Object.keys(file).flatMap((key) => {
    const p = Number(new RegExp(`^p([\\d.]+)_${metric}_ms$`).exec(key)?.[1] ?? (key === `median_${metric}_ms` ? 50 : NaN));
    const value = file[key];
    return Number.isNaN(p) || typeof value !== 'number' ? [] : [{ p, value, isSupported: file.completed >= minSamples(p), isCensored: false }];
  });
  const mean = file[`mean_${metric}_ms`];
  return percentiles.length === 0 ? undefined : { mean: typeof mean === 'number' ? mean : undefined, percentiles, intervals };
}

/** Refused as a run of the bench would. */
function ofRequests(requests: readonly RequestView[], metric: Metric): Pick<LatencyView, 'percentiles'> & { mean: number } | undefined {
  const found = distributionOf(samplesOf(requests, metric), OWN_PERCENTS);
  return found && { mean: found.mean, percentiles: found.percentiles.map((percentile) => ({ ...percentile, value: isShown(percentile, false) ? percentile.value : null })) };
}

/** Of completed requests, ms. */
export function samplesOf(requests: readonly RequestView[], metric: Metric): number[] {
  const ok = requests.filter(({ isOk }) => isOk);
  if (metric !== 'itl') return ok.map((request) => request[metric]).filter((value) => value !== undefined);
  // Millions of them: flatMap takes several times as long.
  const gaps: number[] = [];
  for (const { itl } of ok) for (const gap of itl) gaps.push(gap);
  return gaps;
}

export function percentileOfRun(run: RunView, metric: Metric, p: number): StoredPercentile | undefined {
  return run.latencies[metric]?.percentiles.find((percentile) => percentile.p === p);
}
