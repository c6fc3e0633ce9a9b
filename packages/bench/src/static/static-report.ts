// Records of a static run -> the figures of trtllm-bench's report (its names and formulae), each speed beside the machine's limit.
import type { EngineManifest } from '@trtllm/protocol';
import { mean } from 'simple-statistics';
import { distributionOf, percentileOf } from '../statistics/distribution.js';
import { batchLimit, decodeLimit, engineCost, prefillLimit, type MachineLimits, type TimeLimit } from './limit.js';
import type { StaticRecord } from './run-static.js';

/** Seven numbers of a sample. Percentiles interpolate (the reference takes sorted[int(n p)], one rank high). */
export interface Statistics {
  p50: number;
  p90: number;
  p95: number;
  p99: number;
  minimum: number;
  maximum: number;
  average: number;
}

export interface WorldInfo {
  isa: string;
  threads: number;
  max_batch_size: number;
  max_num_tokens: number;
  max_seq_len: number;
  scheduling_policy: string;
  kv_cache_fraction: number;
}

export interface StaticInput {
  kind: 'throughput' | 'latency';
  manifest: EngineManifest;
  engine_dir: string;
  version: string;
  world: WorldInfo;
  machine: MachineLimits | undefined;
  dataset: string;
  /** Requests in flight at most; 0: all. */
  concurrency: number;
  streaming: boolean;
  records: StaticRecord[];
}

export interface LimitShare {
  /** Least seconds by the machine's limits, their two parts, and the seconds it took. */
  limit: TimeLimit;
  measured_s: number;
  /** limit / measured: 1 is as fast as the machine allows. */
  fraction: number;
}

export interface StaticReport {
  input: Omit<StaticInput, 'records'>;
  num_requests: number;
  input_lengths: Statistics;
  output_lengths: Statistics;
  sequence_lengths: Statistics;
  total_ms: number;
  request_throughput: number;
  output_throughput: number;
  total_throughput: number;
  /** Mean of output tokens / latency. */
  user_throughput: number;
  concurrency: number;
  /** Requests a second between the first and the last start. */
  issue_rate: number;
  latency_ms: Statistics;
  ttft_ms: Statistics;
  /** Requests of two tokens or more; undefined if there is none. */
  tpot_ms: Statistics | undefined;
  /** (tokens - 1) / (end - first), tokens a second. */
  generation_throughput: Statistics | undefined;
  shares: { whole: LimitShare; prefill?: LimitShare; decode?: LimitShare } | undefined;
}

export function statisticsOf(samples: readonly number[]): Statistics {
  const { mean: average, min: minimum, max: maximum } = distributionOf(samples, [])!;
  const sorted = Float64Array.from(samples).sort();
  const at = (percent: number) => percentileOf(sorted, percent).value;
  return { p50: at(50), p90: at(90), p95: at(95), p99: at(99), minimum, maximum, average };
}

export function staticReport(input: StaticInput): StaticReport {
  const { records, ...rest } = input;
  const outputs = records.map(({ output_ids }) => output_ids.length);
  const inputs = records.map(({ input_tokens }) => input_tokens);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const latencies = records.map(({ start, end }) => end - start);
  const starts = records.map(({ start }) => start);
  const first = Math.min(...starts);
  const total_ms = Math.max(...records.map(({ end }) => end)) - first;
  const several = records.filter(({ output_ids }) => output_ids.length > 1);
  const tpots = several.map(({ first: begin, end, output_ids }) => (end - begin) / (output_ids.length - 1));
  // Tokens that arrived all at once have no speed.
  const speeds = tpots.filter((ms) => ms > 0).map((ms) => 1000 / ms);
  return {
    input: rest,
    num_requests: records.length,
    input_lengths: statisticsOf(inputs),
    output_lengths: statisticsOf(outputs),
    sequence_lengths: statisticsOf(records.map((_, i) => inputs[i]! + outputs[i]!)),
    total_ms,
    request_throughput: (1000 * records.length) / total_ms,
    output_throughput: (1000 * sum(outputs)) / total_ms,
    total_throughput: (1000 * (sum(outputs) + sum(inputs))) / total_ms,
    user_throughput: mean(records.map((_, i) => (1000 * outputs[i]!) / latencies[i]!)),
    concurrency: sum(latencies) / total_ms,
    issue_rate: issueRate(starts, first),
    latency_ms: statisticsOf(latencies),
    ttft_ms: statisticsOf(records.map(({ start, first: at }) => at - start)),
    tpot_ms: tpots.length > 0 ? statisticsOf(tpots) : undefined,
    generation_throughput: speeds.length > 0 ? statisticsOf(speeds) : undefined,
    shares: rest.machine && sharesOf(input, rest.machine, total_ms / 1000),
  };
}

/** All at once have no rate: infinity. */
function issueRate(starts: readonly number[], first: number): number {
  return starts.length / ((Math.max(...starts) - first) / 1000);
}

/** One request at a time: prefill and decode each under its own limit. Many: the whole run. */
function sharesOf({ kind, manifest, world, concurrency, records }: StaticInput, machine: MachineLimits, seconds: number): NonNullable<StaticReport['shares']> {
  const cost = engineCost(manifest);
  const streams = Math.min(world.max_batch_size, concurrency > 0 ? concurrency : records.length);
  const sizes = records.map(({ input_tokens, output_ids }) => ({ input_tokens, output_tokens: output_ids.length }));
  const whole = share(streams === 1 ? sumOf(sizes.map((size) => addLimits(prefillLimit(cost, machine, size.input_tokens), decodeLimit(cost, machine, size.input_tokens, size.output_tokens)))) : batchLimit(cost, machine, sizes, streams), seconds);
  if (kind !== 'latency' || streams !== 1) return { whole };
  const several = records.filter(({ output_ids }) => output_ids.length > 1);
  const spent = (from: 'start' | 'first', to: 'first' | 'end', of: readonly StaticRecord[]) => of.reduce((total, record) => total + (record[to] - record[from]) / 1000, 0);
  const prefill = share(sumOf(records.map(({ input_tokens }) => prefillLimit(cost, machine, input_tokens))), spent('start', 'first', records));
  if (several.length === 0) return { whole, prefill };
  return { whole, prefill, decode: share(sumOf(several.map(({ input_tokens, output_ids }) => decodeLimit(cost, machine, input_tokens, output_ids.length))), spent('first', 'end', several)) };
}

const addLimits = (a: TimeLimit, b: TimeLimit): TimeLimit => ({ arithmetic_s: a.arithmetic_s + b.arithmetic_s, memory_s: a.memory_s + b.memory_s, seconds: a.seconds + b.seconds });
const sumOf = (limits: readonly TimeLimit[]): TimeLimit => limits.reduce(addLimits);
const share = (limit: TimeLimit, measured_s: number): LimitShare => ({ limit, measured_s, fraction: limit.seconds / measured_s });
