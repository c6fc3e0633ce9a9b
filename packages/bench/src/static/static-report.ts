// Records of a static run -> the figures of trtllm-bench's report (its names and formulae), each speed beside the machine's limit.
import type { EngineManifest } from '@trtllm/protocol';
import { mean } from 'simple-statistics';
import type { EngineCost } from './engine-cost.js';
import { limitShares, type LimitShares } from './limit-shares.js';
import { bestOf, type MachineLimits } from './machine-limits.js';
import type { StaticRecord } from './run-static.js';
import { sevenNumbers, type SevenNumbers } from './seven-numbers.js';

export interface WorldInfo {
  isa: string;
  threads: number;
  max_batch_size: number;
  max_num_tokens: number;
  max_seq_len: number;
  scheduling_policy: string;
  /** Of free memory. */
  kv_cache_dtype: string;
  kv_cache_fraction: number;
  enable_block_reuse: boolean;
}

export interface HostInfo {
  name: string;
  memory_gb: number;
  /** Of the cores; 0: the system does not tell. */
  clock_ghz: number;
}

export interface StaticInput {
  kind: 'throughput' | 'latency';
  /** Name for the report. */
  model: string;
  /** The checkpoint that was asked for, if one was. */
  model_path: string | null;
  engine_dir: string;
  version: string;
  manifest: EngineManifest;
  cost: EngineCost;
  world: WorldInfo;
  host: HostInfo;
  /** Measured before and after the run; empty: not measured. */
  measured: MachineLimits[];
  dataset: string;
  /** Requests in flight at most; 0: all. */
  concurrency: number;
  /** First tokens are shown apart. */
  streaming: boolean;
}

export interface StaticReport {
  input: StaticInput;
  num_requests: number;
  input_lengths: SevenNumbers;
  output_lengths: SevenNumbers;
  sequence_lengths: SevenNumbers;
  total_ms: number;
  request_throughput: number;
  output_throughput: number;
  total_throughput: number;
  /** Mean of output tokens / latency. */
  user_throughput: number;
  concurrency: number;
  /** Requests a second between the first and the last start; infinite for one. */
  issue_rate: number;
  latency_ms: SevenNumbers;
  ttft_ms: SevenNumbers;
  /** Requests of two tokens or more; undefined if there is none. */
  tpot_ms: SevenNumbers | undefined;
  /** (tokens - 1) / (end - first), tokens a second; without requests whose tokens all came at once. */
  generation_throughput: SevenNumbers | undefined;
  /** Tokens in a piece: above 1 the engine is faster than its tokens are read, and times are those of pieces. */
  coalescing: number;
  /** The best of each of the measured. */
  machine: MachineLimits | undefined;
  shares: LimitShares | undefined;
}

/** Of at least one record. */
export function staticReport(input: StaticInput, records: readonly StaticRecord[]): StaticReport {
  const outputs = records.map(({ output_ids }) => output_ids.length);
  const inputs = records.map(({ input_tokens }) => input_tokens);
  const latencies = records.map(({ start, end }) => end - start);
  const starts = records.map(({ start }) => start);
  const first = least(starts);
  const total_ms = greatest(records.map(({ end }) => end)) - first;
  const several = records.filter(({ output_ids }) => output_ids.length > 1);
  const tpots = several.map(({ first: begin, end, output_ids }) => (end - begin) / (output_ids.length - 1));
  const perSecond = (count: number): number => (1000 * count) / total_ms;
  const { measured, world, concurrency } = input;
  const machine = bestOf(measured);
  const streams = Math.min(world.max_batch_size, concurrency > 0 ? concurrency : records.length);
  return {
    input,
    num_requests: records.length,
    input_lengths: sevenNumbers(inputs),
    output_lengths: sevenNumbers(outputs),
    sequence_lengths: sevenNumbers(records.map((_, i) => inputs[i]! + outputs[i]!)),
    total_ms,
    request_throughput: perSecond(records.length),
    output_throughput: perSecond(sum(outputs)),
    total_throughput: perSecond(sum(inputs) + sum(outputs)),
    user_throughput: mean(records.map((_, i) => (1000 * outputs[i]!) / latencies[i]!)),
    concurrency: sum(latencies) / total_ms,
    issue_rate: (1000 * records.length) / (greatest(starts) - first),
    latency_ms: sevenNumbers(latencies),
    ttft_ms: sevenNumbers(records.map(({ start, first: at }) => at - start)),
    tpot_ms: numbersOf(tpots),
    generation_throughput: numbersOf(tpots.filter((ms) => ms > 0).map((ms) => 1000 / ms)),
    coalescing: sum(outputs) / sum(records.map(({ pieces }) => pieces)),
    machine,
    shares: machine && limitShares(input.cost, machine, records, streams, total_ms / 1000),
  };
}

function numbersOf(samples: readonly number[]): SevenNumbers | undefined {
  return samples.length > 0 ? sevenNumbers(samples) : undefined;
}

// Not Math.min(...values): a dataset may have more requests than a call may have arguments.
const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b));
const greatest = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b));
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b);
