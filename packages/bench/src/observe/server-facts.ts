// What servers tell of themselves -> the same few facts, whoever made the server.
import { z } from 'zod';
import { parsePrometheus } from './prometheus-text.js';

/** Undefined what is not told. */
export interface ServerFacts {
  /** Share of the KV cache in use, 0 to 1. */
  kvUse?: number | undefined;
  running?: number | undefined;
  queued?: number | undefined;
  /** Since the server began, or since the last look where `isDrained`. */
  steps?: number | undefined;
  queueS?: number | undefined;
  /** Requests whose waits `queueS` sums. */
  queueCount?: number | undefined;
}

type FactName = keyof ServerFacts;

/** `name` or `name{label=value}`. Of each fact the first that the server has. */
const PROMETHEUS_NAMES: Record<FactName, readonly string[]> = {
  kvUse: ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc', 'sglang:token_usage', 'trtllm_kv_cache_utilization', 'llamacpp:kv_cache_usage_ratio', 'nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type=fraction}'],
  running: ['vllm:num_requests_running', 'sglang:num_running_reqs', 'trtllm_num_requests_running', 'tgi_batch_current_size', 'llamacpp:requests_processing', 'nv_trt_llm_request_metrics{request_type=active}'],
  queued: ['vllm:num_requests_waiting', 'sglang:num_queue_reqs', 'trtllm_num_requests_waiting', 'tgi_queue_size', 'llamacpp:requests_deferred', 'nv_trt_llm_request_metrics{request_type=waiting}'],
  steps: ['vllm:iteration_tokens_total_count', 'tgi_batch_forward_duration_count', 'llamacpp:n_decode_total', 'nv_trt_llm_general_metrics{general_type=iteration_counter}'],
  queueS: ['vllm:request_queue_time_seconds_sum', 'sglang:queue_time_seconds_sum', 'trtllm_request_queue_time_seconds_sum', 'tgi_request_queue_duration_sum'],
  queueCount: ['vllm:request_queue_time_seconds_count', 'sglang:queue_time_seconds_count', 'trtllm_request_queue_time_seconds_count', 'tgi_request_queue_duration_count'],
};
const WANTED = new Set(Object.values(PROMETHEUS_NAMES).flat().map((name) => name.replace(/\{.*/, '')));

/** Over models and ranks counts are summed and shares are the largest. */
export function factsOfPrometheus(text: string): ServerFacts {
  const samples = parsePrometheus(text, WANTED);
  const valueOf = (fact: FactName, wanted: string): number | undefined => {
    const [, name, label, value] = /^([^{]+)(?:\{(.*)=(.*)\})?$/.exec(wanted)!;
    const values = samples.filter((sample) => sample.name === name && (label === undefined || sample.labels[label] === value)).map((sample) => sample.value);
    if (values.length === 0) return undefined;
    return fact === 'kvUse' ? Math.max(...values) : values.reduce((a, b) => a + b);
  };
  const facts = Object.entries(PROMETHEUS_NAMES).map(([fact, names]) => [fact, names.map((name) => valueOf(fact as FactName, name)).find((value) => value !== undefined)]);
  return Object.fromEntries(facts.filter(([, value]) => value !== undefined)) as ServerFacts;
}

const told = z.number().optional().catch(undefined);

const Iteration = z
  .object({
    numActiveRequests: told,
    numQueuedRequests: told,
    numNewActiveRequests: told,
    newActiveRequestsQueueLatencyMS: told,
    kvCacheStats: z.object({ usedNumBlocks: told, maxNumBlocks: told }).partial().catch({}).optional(),
  })
  .partial()
  .catch({});

/** Records of TensorRT-LLM's /metrics, one a step. A record that lacks a field, or has something else there, lacks that fact. */
export function factsOfIterations(records: readonly unknown[]): ServerFacts[] {
  return records.map((record) => {
    const { kvCacheStats: blocks, newActiveRequestsQueueLatencyMS: latencyMs, ...counts } = Iteration.parse(record);
    return {
      kvUse: blocks?.maxNumBlocks ? (blocks.usedNumBlocks ?? 0) / blocks.maxNumBlocks : undefined,
      running: counts.numActiveRequests,
      queued: counts.numQueuedRequests,
      steps: 1,
      queueS: latencyMs === undefined ? undefined : latencyMs / 1000,
      queueCount: latencyMs === undefined ? undefined : (counts.numNewActiveRequests ?? 0),
    };
  });
}

const Timed = z.object({ perf_metrics: z.object({ timing_metrics: z.object({ arrival_time: z.number(), first_scheduled_time: z.number() }) }) });

/** Of TensorRT-LLM's /perf_metrics, one a request that has ended; a disaggregated server's tell nothing here. */
export function factsOfRequests(records: readonly unknown[]): ServerFacts {
  const waits = records.flatMap((record) => {
    const times = Timed.safeParse(record).data?.perf_metrics.timing_metrics;
    return times === undefined ? [] : [times.first_scheduled_time - times.arrival_time];
  });
  return waits.length === 0 ? {} : { queueS: waits.reduce((a, b) => a + b), queueCount: waits.length };
}
