// Result files of a static run, with the reference's names: --report_json, --request_json, --output_json. Ours stands under `trtllm`.
import type { StaticRecord } from './run-static.js';
import type { StaticReport } from './static-report.js';

export function staticReportJson(report: StaticReport): Record<string, unknown> {
  const { input, shares } = report;
  const { manifest, world, measured, host } = input;
  const { mapping, quantization, dtype } = manifest.pretrained_config;
  return {
    engine: {
      model: input.model,
      model_path: input.model_path,
      engine_dir: input.engine_dir,
      version: input.version,
      backend: 'TRT',
      dtype,
      kv_cache_dtype: world.kv_cache_dtype,
      quantization: quantization.quant_algo,
      max_sequence_length: manifest.build_config.max_seq_len,
    },
    machine: { name: host.name, 'memory.total': host.memory_gb, 'clocks.mem': null, 'clocks.cpu': host.clock_ghz },
    world_info: {
      tp_size: mapping.tp_size,
      pp_size: mapping.pp_size,
      ep_size: null,
      world_size: mapping.world_size,
      max_batch_size: world.max_batch_size,
      max_num_tokens: world.max_num_tokens,
      scheduling_policy: world.scheduling_policy,
      kv_cache_percentage: 100 * world.kv_cache_fraction,
      issue_rate: Number.isFinite(report.issue_rate) ? report.issue_rate : null,
    },
    request_info: {
      num_requests: report.num_requests,
      avg_num_concurrent_requests: report.concurrency,
      avg_input_length: report.input_lengths.average,
      avg_output_length: report.output_lengths.average,
    },
    performance: {
      total_latency_ms: report.total_ms,
      avg_request_latency_ms: report.latency_ms.average,
      request_throughput_req_s: report.request_throughput,
      system_output_throughput_tok_s: report.output_throughput,
      system_total_throughput_tok_s: report.total_throughput,
      output_throughput_per_user_tok_s: report.user_throughput,
      output_throughput_per_gpu_tok_s: report.output_throughput / mapping.world_size,
      request_latency_percentiles_ms: report.latency_ms,
    },
    ...(input.streaming && {
      streaming_metrics: {
        token_output_speed_tok_s: report.generation_throughput?.average ?? null,
        avg_ttft_ms: report.ttft_ms.average,
        avg_tpot_ms: report.tpot_ms?.average ?? null,
        tpot_percentiles: report.tpot_ms ?? null,
        ttft_percentiles: report.ttft_ms,
        gen_tps_percentiles: report.generation_throughput ?? null,
      },
    }),
    dataset: {
      isl_stats: report.input_lengths,
      osl_stats: report.output_lengths,
      seq_len_stats: report.sequence_lengths,
      num_requests: report.num_requests,
      dataset_path: input.dataset,
      max_isl: report.input_lengths.maximum,
      max_osl: report.output_lengths.maximum,
      max_sequence_length: report.sequence_lengths.maximum,
      avg_isl: report.input_lengths.average,
      avg_osl: report.output_lengths.average,
      avg_sequence_length: report.sequence_lengths.average,
    },
    trtllm: {
      kind: input.kind,
      isa: world.isa,
      threads: world.threads,
      concurrency: input.concurrency,
      coalescing: report.coalescing,
      enable_block_reuse: world.enable_block_reuse,
      limits: report.machine ?? null,
      measured_limits: measured,
      limit_shares: shares ? { ...shares, decode: shares.decode ?? null } : null,
    },
  };
}

/** One object a request; times in nanoseconds of the monotonic clock, as the reference's. A decode step makes one token. */
export function requestJson(records: readonly StaticRecord[], text: ((ids: readonly number[]) => string) | undefined): Record<string, unknown>[] {
  const ns = (ms: number) => Math.round(ms * 1e6);
  return records.map(({ id, input_tokens, output_ids, start, first, end }) => {
    const count = output_ids.length;
    return {
      id,
      num_input_tokens: input_tokens,
      error_tokens: 0,
      start_timestamp: ns(start),
      first_token_timestamp: ns(first),
      end_timestamp: ns(end),
      decode_iteration: count - 1,
      num_total_output_tokens: count,
      num_generated_tokens: count - 1,
      generation_time: ns(end - first),
      time_to_first_token: ns(first - start),
      intertoken_latency: count > 1 ? ns((end - first) / (count - 1)) : 0,
      end_to_end_latency: ns(end - start),
      total_token_throughput: (input_tokens + count) / (ns(end - start) || 1),
      output_token_throughput: count / (ns(end - start) || 1),
      output: text?.(output_ids) ?? null,
      output_tokens: output_ids,
    };
  });
}

/** {"<request id>": "<text>"}; ids as text where the engine has no tokenizer. */
export function outputJson(records: readonly StaticRecord[], text: ((ids: readonly number[]) => string) | undefined): Record<string, string> {
  return Object.fromEntries(records.map(({ id, output_ids }) => [String(id), text?.(output_ids) ?? output_ids.join(' ')]));
}
