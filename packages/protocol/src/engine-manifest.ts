// config.json of an engine: TensorRT-LLM's field names under pretrained_config and build_config, ours under trtllm.

import { z } from 'zod';
import { TrtllmError } from './error-codes.js';

export const ENGINE_FORMAT_VERSION = 1;

export interface EngineManifest {
  version: string;
  pretrained_config: {
    architecture: string;
    dtype: 'bfloat16' | 'float32';
    vocab_size: number;
    hidden_size: number;
    intermediate_size: number;
    num_hidden_layers: number;
    num_attention_heads: number;
    num_key_value_heads: number;
    head_size: number;
    max_position_embeddings: number;
    hidden_act: string;
    norm_epsilon: number;
    position_embedding_type: string;
    rotary_base: number;
    tie_word_embeddings: boolean;
    mapping: { world_size: number; tp_size: number; pp_size: number };
    quantization: { quant_algo: string | null; kv_cache_quant_algo: string | null; group_size?: number | undefined; lm_head_dtype?: string | undefined };
  };
  build_config: {
    max_batch_size: number;
    max_num_tokens: number;
    max_seq_len: number;
    max_beam_width: number;
    tokens_per_block: number;
  };
  trtllm: {
    format_version: number;
    builder_version: string;
    backend: 'cpu';
    /** Name served by default: last part of the checkpoint's path. */
    model_name: string;
    graph_sha256: string;
    /** Digest of config, headers, sizes and options: equal for equal builds. */
    source_sha256: string;
    /** Parameters by count, and bytes a decode step reads. */
    num_parameters: number;
    weight_bytes: number;
    rank_files: { file: string; bytes: number }[];
    has_tokenizer: boolean;
    eos_token_ids: number[];
    bos_token_id: number | null;
    synthetic: boolean;
  };
}

const count = z.int().min(0);
const size = z.int().min(1);
const manifestSchema: z.ZodType<EngineManifest> = z.object({
  version: z.string(),
  pretrained_config: z.object({
    architecture: z.string(),
    dtype: z.enum(['bfloat16', 'float32']),
    vocab_size: size,
    hidden_size: size,
    intermediate_size: size,
    num_hidden_layers: size,
    num_attention_heads: size,
    num_key_value_heads: size,
    head_size: size,
    max_position_embeddings: size,
    hidden_act: z.string(),
    norm_epsilon: z.number(),
    position_embedding_type: z.string(),
    rotary_base: z.number(),
    tie_word_embeddings: z.boolean(),
    mapping: z.object({ world_size: size, tp_size: size, pp_size: size }),
    quantization: z.object({
      quant_algo: z.string().nullable(),
      kv_cache_quant_algo: z.string().nullable(),
      group_size: size.optional(),
      lm_head_dtype: z.string().optional(),
    }),
  }),
  build_config: z.object({ max_batch_size: size, max_num_tokens: size, max_seq_len: size, max_beam_width: size, tokens_per_block: size }),
  trtllm: z.object({
    format_version: z.literal(ENGINE_FORMAT_VERSION),
    builder_version: z.string(),
    backend: z.literal('cpu'),
    model_name: z.string(),
    graph_sha256: z.string(),
    source_sha256: z.string(),
    num_parameters: count,
    weight_bytes: count,
    rank_files: z.array(z.object({ file: z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/), bytes: count })).min(1),
    has_tokenizer: z.boolean(),
    eos_token_ids: z.array(count),
    bos_token_id: count.nullable(),
    synthetic: z.boolean(),
  }),
});

/** The text of an engine's config.json; `path` is for messages. */
export function parseEngineManifest(text: string, path: string): EngineManifest {
  const json = parseJson(text, path);
  const version = (json as { trtllm?: { format_version?: unknown } } | null)?.trtllm?.format_version;
  if (version !== undefined && version !== ENGINE_FORMAT_VERSION)
    throw new TrtllmError('ENGINE_VERSION', `${path} has engine format version ${JSON.stringify(version)}, expected ${ENGINE_FORMAT_VERSION}; rebuild the engine`);
  const result = manifestSchema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new TrtllmError('ENGINE_INVALID', `${path}: ${issue.path.join('.')}: ${issue.message}; rebuild the engine`);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TrtllmError('ENGINE_INVALID', `${path} is not JSON; rebuild the engine`, { cause });
  }
}
