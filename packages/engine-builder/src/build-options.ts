// What a build may be told, with its defaults and ranges; checked once, here.
import { TrtllmError } from '@trtllm/protocol';
import { resolveQuantization, type Quantization } from './quantization.js';
import type { TacticProgress } from './time-tactics.js';

export type EngineDtype = 'bfloat16' | 'float32';

export interface BuildOptions {
  /** Checkpoint directory (HF layout). Either this or `config`. */
  model?: string | undefined;
  /** An HF config.json alone: an engine of that shape with synthetic weights; needs dummy_weights. */
  config?: string | undefined;
  dummy_weights?: boolean | undefined;
  /** Of the synthetic weights. */
  seed?: number | undefined;
  /** Directory whose tokenizer files go into the engine, in place of the checkpoint's. */
  tokenizer?: string | undefined;
  /** Stored weights and arithmetic; auto is bfloat16. */
  dtype?: EngineDtype | 'auto' | undefined;
  /** Quantized weights: int8_wo, int8_dyn, int4_wo, w4a8. */
  qformat?: string | undefined;
  /** Inputs that share a scale, of 4-bit weights: 128 (default), 64 or 32. */
  group_size?: number | undefined;
  /** With qformat: auto (int8), bfloat16, int8 or int4. */
  lm_head_dtype?: string | undefined;
  /** The KV cache: auto (as dtype) or int8. */
  kv_cache_dtype?: string | undefined;
  max_batch_size?: number | undefined;
  max_num_tokens?: number | undefined;
  /** Default: the model's max_position_embeddings. */
  max_seq_len?: number | undefined;
  /** Default: last part of the checkpoint's path. */
  model_name?: string | undefined;
  /** Take NaN and infinite weights. */
  allow_nonfinite?: boolean | undefined;
  /** Packing threads; default: the packer's own choice. */
  workers?: number | undefined;
  /** Where trtllm-builder is. */
  nativeDirectory: string;
}

/** BuildOptions with every default filled in; what depends on the model is null. */
export interface ResolvedOptions {
  dtype: EngineDtype;
  quantization: Quantization | null;
  /** Null: as dtype. */
  kv_cache: 'int8' | null;
  max_batch_size: number;
  max_num_tokens: number;
  max_seq_len: number | null;
  /** Null: real weights. */
  synthetic_seed: number | null;
  allow_nonfinite: boolean;
}

export interface BuildProgress {
  phase: 'read' | 'plan' | 'pack' | 'seal' | 'time';
  doneBytes: number;
  totalBytes: number;
  /** A sentence for people: a conversion made, a tensor left out. */
  note?: string;
  /** Of phase time. */
  tactics?: TacticProgress;
}

export function resolveOptions(options: BuildOptions): ResolvedOptions {
  checkSource(options);
  return {
    dtype: resolveDtype(options.dtype),
    quantization: resolveQuantization(options, resolveDtype(options.dtype)),
    kv_cache: resolveKvCache(options.kv_cache_dtype),
    max_batch_size: integer('max_batch_size', options.max_batch_size ?? 64, 1, 65_536),
    max_num_tokens: integer('max_num_tokens', options.max_num_tokens ?? 2048, 1, 1_048_576),
    max_seq_len: options.max_seq_len === undefined ? null : integer('max_seq_len', options.max_seq_len, 1, 2 ** 28),
    synthetic_seed: options.dummy_weights ? integer('seed', options.seed ?? 0, 0, Number.MAX_SAFE_INTEGER) : null,
    allow_nonfinite: options.allow_nonfinite ?? false,
  };
}

function resolveKvCache(dtype = 'auto'): 'int8' | null {
  if (dtype !== 'auto' && dtype !== 'int8') throw new TrtllmError('BAD_FLAG', `kv_cache_dtype ${dtype}: expected auto or int8`);
  return dtype === 'int8' ? dtype : null;
}

function checkSource({ model, config, dummy_weights, seed }: BuildOptions): void {
  if ((model === undefined) === (config === undefined))
    throw new TrtllmError('BAD_FLAG', 'give either a checkpoint directory (model) or a config.json (config with dummy_weights), not both');
  if (config !== undefined && !dummy_weights)
    throw new TrtllmError('BAD_FLAG', 'a config.json alone has no weights: add dummy_weights, or give a checkpoint directory as model');
  if (seed !== undefined && !dummy_weights) throw new TrtllmError('BAD_FLAG', 'seed is of synthetic weights: it needs dummy_weights');
}

function resolveDtype(dtype: BuildOptions['dtype']): EngineDtype {
  if (dtype === undefined || dtype === 'auto') return 'bfloat16';
  if (dtype === 'bfloat16' || dtype === 'float32') return dtype;
  throw new TrtllmError('BAD_FLAG', `dtype ${JSON.stringify(dtype)} is unknown; expected bfloat16 or float32`);
}

function integer(name: string, value: number, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new TrtllmError('BAD_FLAG', `${name} ${value}: expected an integer from ${min} to ${max}`);
}
