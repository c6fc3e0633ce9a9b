// Flags, options file and engine manifest -> one frozen value; each room gets its slice of it. No room reads the environment.
import { join, resolve } from 'node:path';
import { readConfigFile } from './config-file.js';
import { readManifest } from './read-manifest.js';
import type { WorkerOptions } from './worker/launch-command.js';

/** What `trtllm serve` and `trtllm generate` can be told about an engine; names as the flags. Unset: the engine's default. */
export interface EngineOptions {
  /** Directory of the native executables. */
  nativeDirectory: string;
  threads?: number | undefined;
  isa?: string | undefined;
  max_batch_size?: number | undefined;
  max_num_tokens?: number | undefined;
  max_seq_len?: number | undefined;
  max_queue_size?: number | undefined;
  /** Share of free memory for the KV cache, (0, 1]. */
  kv_cache_free_gpu_memory_fraction?: number | undefined;
  /** auto, int8, or the arithmetic's own: bfloat16, float32. */
  kv_cache_dtype?: string | undefined;
  enable_chunked_prefill?: boolean | undefined;
  verify_engine?: boolean | undefined;
  /** GUARANTEED_NO_EVICT or MAX_UTILIZATION. */
  capacity_policy?: string | undefined;
  target_itl_ms?: number | undefined;
  enable_block_reuse?: boolean | undefined;
  /** A line a step. */
  print_iter_log?: boolean | undefined;
  /** YAML options file; overrides the flags. */
  config?: string | undefined;
  /** Directory of a tokenizer to use in place of the engine's. */
  tokenizer?: string | undefined;
}

export interface ServerOptions extends EngineOptions {
  host: string;
  /** 0: any free port. */
  port: number;
  /** Further names that requests may give: the path or checkpoint that was asked for. */
  model_names?: string[];
  /** Replaces the engine's own name. */
  served_model_name?: string | undefined;
  accept_any_model?: boolean | undefined;
}

export interface RuntimeConfig {
  readonly engineDirectory: string;
  readonly tokenizerDirectory: string;
  readonly worker: Readonly<WorkerOptions>;
  /** End-of-text tokens of the model. */
  readonly eos_token_ids: readonly number[];
  readonly bos_token_id: number | null;
  readonly model_name: string;
  readonly print_iter_log: boolean;
}

/** Throws ENGINE_*, BAD_FLAG or CONFIG_INVALID by name. */
export async function resolveRuntimeConfig(engineDirectory: string, options: EngineOptions): Promise<RuntimeConfig> {
  const directory = resolve(engineDirectory);
  const manifest = await readManifest(directory);
  const { print_iter_log = options.print_iter_log ?? false, ...file } = options.config === undefined ? {} : await readConfigFile(options.config);
  const worker: WorkerOptions = {
    executable: join(options.nativeDirectory, 'trtllm-worker'),
    engineDirectory: directory,
    threads: options.threads,
    isa: options.isa,
    max_batch_size: options.max_batch_size,
    max_num_tokens: options.max_num_tokens,
    max_seq_len: options.max_seq_len,
    max_queue_size: options.max_queue_size,
    kv_fraction: options.kv_cache_free_gpu_memory_fraction,
    kv_cache_dtype: options.kv_cache_dtype,
    enable_chunked_context: options.enable_chunked_prefill,
    verify_engine: options.verify_engine,
    capacity_policy: options.capacity_policy,
    target_itl_ms: options.target_itl_ms,
    enable_block_reuse: options.enable_block_reuse,
    ...file,
  };
  return Object.freeze({
    engineDirectory: directory,
    tokenizerDirectory: options.tokenizer === undefined ? directory : resolve(options.tokenizer),
    worker: Object.freeze(worker),
    eos_token_ids: manifest.trtllm.eos_token_ids,
    bos_token_id: manifest.trtllm.bos_token_id,
    model_name: manifest.trtllm.model_name,
    print_iter_log,
  });
}
