// The summary file: names and units of the tools whose files plot scripts read (TensorRT-LLM benchmark_serving, and vLLM where
// it spells differently), then our own figures under `trtllm`. In the compatible part ITL is the gap between reads.
import type { BenchReport, LatencyName } from './bench-report.js';
import { breakdownJson } from './breakdown-report.js';
import type { Distribution } from '../statistics/distribution.js';
import { configJson, loadJson } from './config-json.js';
import { clientMachine } from './client-machine.js';
import { METRICS, type Metric } from '../metrics.js';
import type { RequestRecord } from '../client/request-record.js';
import { latenciesOf } from '../client/timeline.js';
import { hostJson } from '../observe/host-report.js';
import { isShown, percentileValue } from './percentile-cell.js';
import { serverJson } from '../observe/server-report.js';
import { percentileName } from './percentile-name.js';
import type { TurnFigures } from './turns.js';

export function reportJson(report: BenchReport): Record<string, unknown> {
  const { options } = report;
  const goodput = report.goodput ?? null;
  return {
    date: dateStamp(report.startedAt),
    backend: options.backend,
    endpoint_type: options.backend,
    label: options.label ?? null,
    model_id: report.model,
    tokenizer_id: options.tokenizerDir ?? report.model,
    num_prompts: report.planned,
    ...options.save?.metadata,
    duration: report.durationS,
    completed: report.completed,
    failed: report.failed,
    total_input_tokens: report.inputTokens,
    total_output_tokens: report.outputTokens,
    request_throughput: report.requestThroughput,
    'request_goodput:': goodput,
    request_goodput: goodput,
    output_throughput: report.outputThroughput,
    total_token_throughput: report.totalThroughput,
    user_throughput: report.userThroughput,
    avg_decoded_tokens_per_iter: tokensPerStep(report),
    max_output_tokens_per_s: report.peakOutputThroughput,
    max_concurrent_requests: report.peakConcurrency,
    rtfx: 0,
    ...Object.assign({}, ...METRICS.filter((m) => options.percentileMetrics.includes(m)).map((m) => metricKeys(report, m))),
    ...(options.save?.detailed ? perRequestArrays(report.records) : {}),
    trtllm: ownFigures(report),
    ...loadJson(options),
  };
}

/** What the compatible files call ITL is our ICL. */
export function compatDistribution(report: BenchReport, metric: Metric): Distribution | undefined {
  return report.latencies[metric === 'itl' ? 'icl' : metric];
}

/** YYYYmmdd-HHMMSS, local time. */
export function dateStamp(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`;
  return `${day}-${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
}

function tokensPerStep({ tokensPerStep: found, options }: BenchReport): object | null {
  if (found === undefined) return null;
  const { mean, median, std, min, max } = found;
  const percentiles = Object.fromEntries(found.percentiles.map((percentile) => [percentileName(percentile.p), percentileValue(percentile, options.forcePercentiles)]));
  return { mean, min, max, median, std, percentiles };
}

/** A metric that no request had is left out; a percentile that the sample cannot support is null, and `trtllm.notes` says why. */
function metricKeys(report: BenchReport, metric: Metric): Record<string, number | null> {
  const distribution = compatDistribution(report, metric);
  if (distribution === undefined) return {};
  const keys: Record<string, number | null> = {};
  for (const name of ['mean', 'median', 'std', 'min', 'max'] as const) keys[`${name}_${metric}_ms`] = distribution[name];
  const { metricPercentiles, forcePercentiles } = report.options;
  for (const percentile of distribution.percentiles) {
    if (metricPercentiles.includes(percentile.p)) keys[`${percentileName(percentile.p)}_${metric}_ms`] = percentileValue(percentile, forcePercentiles);
  }
  return keys;
}

/** Seconds; arrays run together by index, failed requests hold zeros and their reason. */
function perRequestArrays(records: readonly RequestRecord[]): Record<string, unknown[]> {
  const latencies = records.map((record) =>
    record.outcome === 'ok' ? latenciesOf(record.timeline, record.outputTokens) : { ttft: 0, e2el: 0, icl: [], queue: 0 },
  );
  const e2els = latencies.map(({ e2el }) => e2el / 1000);
  return {
    input_lens: records.map((record) => record.serverInput ?? record.plannedInput),
    output_lens: records.map(({ outcome, outputTokens }) => (outcome === 'ok' ? outputTokens : 0)),
    ttfts: latencies.map(({ ttft }) => (ttft ?? -1000) / 1000),
    itls: latencies.map(({ icl }) => icl.map((gap) => gap / 1000)),
    e2els,
    latencies: e2els,
    start_times: records.map(({ timeline }) => timeline.sent / 1000),
    queue_times: latencies.map(({ queue }) => queue / 1000),
    generated_texts: records.map((record) => record.text),
    errors: records.map(({ outcome, reason }) => (outcome === 'ok' ? '' : `${outcome}: ${reason}`)),
  };
}

function ownFigures(report: BenchReport): Record<string, unknown> {
  const { options } = report;
  return {
    schema: 1,
    started_at: report.startedAt.toISOString(),
    interrupted: report.interrupted,
    plan_hash: report.planHash,
    machine: clientMachine(),
    config: configJson(options),
    attainment: report.attainment ?? null,
    cancelled: report.cancelled,
    failures: report.failures,
    cached_tokens: report.cachedTokens,
    lost_output_tokens: report.lostOutputTokens,
    steady_output_throughput: report.steadyOutputThroughput ?? null,
    steady_output_throughput_interval_95: report.steadyOutputInterval ? [report.steadyOutputInterval.lower, report.steadyOutputInterval.upper] : null,
    steady_window: report.steadyWindow ?? null,
    stopped: report.stopped ?? null,
    mean_concurrency: report.meanConcurrency,
    coalescing: report.coalescing,
    client_cpu: report.clientCpu,
    latencies_ms: Object.fromEntries((Object.keys(report.latencies) as LatencyName[]).map((name) => [name, ownDistribution(report.latencies[name], options.forcePercentiles)])),
    intervals_95_ms: report.intervals ?? null,
    ...(report.turns && { turns: report.turns.map((turn) => turnJson(turn, options.forcePercentiles)) }),
    ...(report.observed.host && { host_metrics: hostJson(report.observed.host) }),
    ...(report.observed.breakdown && { request_time_breakdown: breakdownJson(report.observed.breakdown) }),
    ...(report.observed.server && { server_metrics: serverJson(report.observed.server) }),
    verdict: report.verdict,
    notes: report.notes,
  };
}

function turnJson({ turn, completed, failed, inputTokens, outputTokens, cachedShare, latencies }: TurnFigures, force: boolean): object {
  const found = Object.fromEntries(Object.entries(latencies).map(([name, distribution]) => [name, ownDistribution(distribution, force)]));
  return { turn, completed, failed, mean_input_tokens: inputTokens, mean_output_tokens: outputTokens, cached_share: cachedShare, latencies_ms: found };
}

/** Under --force `isSupported: false` is the mark. */
function ownDistribution(distribution: Distribution | undefined, force: boolean): object | null {
  if (distribution === undefined) return null;
  const percentiles = distribution.percentiles.map((percentile) => (isShown(percentile, force) ? percentile : { ...percentile, value: null }));
  return { ...distribution, percentiles };
}
