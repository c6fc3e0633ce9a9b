// The YAML options file (--config, --extra_llm_api_options) -> worker options. Unknown keys are refused by name; keys of
// TensorRT-LLM that are not done yet are refused unless they stand at their default.
import { readFile } from 'node:fs/promises';
import { TrtllmError } from '@trtllm/protocol';
import { parse } from 'yaml';
import { z } from 'zod';
import type { WorkerOptions } from './worker/launch-command.js';

const size = z.int().min(1).nullish();

const kvCacheConfig = z.object({
  enable_block_reuse: z.boolean().optional(),
  max_tokens: size,
  free_gpu_memory_fraction: z.number().gt(0).max(1).nullish(),
  dtype: z.enum(['auto', 'int8', 'bfloat16', 'float32']).optional(),
});

const schedulerConfig = z.object({
  capacity_scheduler_policy: z.enum(['GUARANTEED_NO_EVICT', 'MAX_UTILIZATION', 'STATIC_BATCH']).optional(),
  context_chunking_policy: z.enum(['FIRST_COME_FIRST_SERVED', 'EQUAL_PROGRESS']).nullish(),
  /** Ours. */
  target_itl_ms: z.number().min(0).max(1e6).optional(),
});

const optionsFile = z.object({
  max_batch_size: size,
  max_num_tokens: size,
  max_seq_len: size,
  enable_chunked_prefill: z.boolean().optional(),
  kv_cache_config: kvCacheConfig.optional(),
  scheduler_config: schedulerConfig.optional(),
  print_iter_log: z.boolean().optional(),
});

/** Keys that are known and not done, with the values that ask for nothing. */
const NOT_YET: Record<string, Record<string, unknown[]>> = {
  '': {
    backend: ['pytorch', 'tensorrt'],
    dtype: ['auto'],
    tensor_parallel_size: [1],
    pipeline_parallel_size: [1],
    context_parallel_size: [1],
    max_beam_width: [1],
    max_input_len: [],
    trust_remote_code: [false],
    enable_iter_perf_stats: [true],
    enable_attention_dp: [false],
    disable_overlap_scheduler: [true, false],
    cuda_graph_config: [null],
    speculative_config: [null],
    quant_config: [null],
    lora_config: [null],
    enable_lora: [false],
    guided_decoding_backend: [null],
    reasoning_parser: [null],
    num_postprocess_workers: [0],
    return_perf_metrics: [false],
    gather_generation_logits: [false],
    moe_config: [null],
    moe_expert_parallel_size: [null, 1],
    load_format: ['auto'],
    skip_tokenizer_init: [false],
    cache_transceiver_config: [null],
  },
  kv_cache_config: {
    tokens_per_block: [32],
    host_cache_size: [0, null],
    onboard_blocks: [true],
    max_attention_window: [null],
    sink_token_length: [null],
    max_gpu_total_bytes: [0],
    event_buffer_max_size: [0],
    enable_partial_reuse: [true, false],
    copy_on_partial_reuse: [true, false],
    use_uvm: [false],
    cross_kv_cache_fraction: [null],
    secondary_offload_min_priority: [null],
  },
  scheduler_config: { dynamic_batch_config: [null], waiting_queue_policy: ['fcfs'] },
};

export type ConfigFileOptions = Partial<WorkerOptions> & { print_iter_log?: boolean };

export async function readConfigFile(path: string): Promise<ConfigFileOptions> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new TrtllmError('CONFIG_INVALID', `cannot read the options file ${path}: ${(cause as Error).message}`, { cause });
  }
  return parseConfigFile(text, path);
}

export function parseConfigFile(text: string, path: string): ConfigFileOptions {
  const document = parseYaml(text, path);
  checkKeys(document, '', optionsFile.shape, path);
  checkKeys(document['kv_cache_config'], 'kv_cache_config', kvCacheConfig.shape, path);
  checkKeys(document['scheduler_config'], 'scheduler_config', schedulerConfig.shape, path);
  const result = optionsFile.safeParse(document);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    throw new TrtllmError('CONFIG_INVALID', `${path}: ${issue.path.join('.')}: ${issue.message}`);
  }
  return withoutUnset({
    max_batch_size: result.data.max_batch_size,
    max_num_tokens: result.data.max_num_tokens,
    max_seq_len: result.data.max_seq_len,
    enable_chunked_context: result.data.enable_chunked_prefill,
    enable_block_reuse: result.data.kv_cache_config?.enable_block_reuse,
    kv_max_tokens: result.data.kv_cache_config?.max_tokens,
    kv_fraction: result.data.kv_cache_config?.free_gpu_memory_fraction,
    kv_cache_dtype: result.data.kv_cache_config?.dtype,
    capacity_policy: result.data.scheduler_config?.capacity_scheduler_policy,
    chunking_policy: result.data.scheduler_config?.context_chunking_policy,
    target_itl_ms: result.data.scheduler_config?.target_itl_ms,
    print_iter_log: result.data.print_iter_log,
  });
}

function parseYaml(text: string, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 100 }) ?? {};
  } catch (cause) {
    throw new TrtllmError('CONFIG_INVALID', `${path} is not valid YAML: ${(cause as Error).message.split('\n')[0]}`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TrtllmError('CONFIG_INVALID', `${path}: expected a mapping of options at the top`);
  return value as Record<string, unknown>;
}

function checkKeys(section: unknown, name: string, done: object, path: string): void {
  if (typeof section !== 'object' || section === null) return;
  for (const [key, value] of Object.entries(section)) {
    if (Object.hasOwn(done, key)) continue;
    const full = name ? `${name}.${key}` : key;
    const harmless = Object.hasOwn(NOT_YET[name]!, key) ? NOT_YET[name]![key] : undefined;
    if (!harmless) throw new TrtllmError('CONFIG_INVALID', `${path}: unknown option ${full}; known: ${Object.keys(done).join(', ')}`);
    if (!harmless.includes(value))
      throw new TrtllmError('CONFIG_INVALID', `${path}: ${full}: ${JSON.stringify(value)} is not supported yet; leave it out`);
  }
}

function withoutUnset(options: Record<string, unknown>): ConfigFileOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== null)) as ConfigFileOptions;
}
