// HF config.json -> ModelConfig. The only place that knows HF's spellings, old and of transformers 5.
import { TrtllmError } from '@trtllm/protocol';
import type { Architecture } from './architectures/architecture.js';
import { findArchitecture, KNOWN_ARCHITECTURES } from './architectures/known-architectures.js';
import { ConfigFields } from './config-fields.js';
import { readRope, type RopeConfig } from './rope-config.js';
import { readWindows } from './sliding-window.js';

export interface ModelConfig {
  architecture: Architecture;
  vocab_size: number;
  hidden_size: number;
  intermediate_size: number;
  num_layers: number;
  num_heads: number;
  num_kv_heads: number;
  head_dim: number;
  max_position_embeddings: number;
  rms_norm_eps: number;
  tie_word_embeddings: boolean;
  qkv_bias: boolean;
  attention_output_bias: boolean;
  mlp_bias: boolean;
  rope: RopeConfig;
  /** Positions each layer looks back at, its own included; 0: all. */
  windows: number[];
  eos_token_ids: number[];
  bos_token_id: number | null;
}

/** `generation` is generation_config.json, whose token ids win over config.json's. */
export function readModelConfig(config: Record<string, unknown>, where: string, generation?: Record<string, unknown>): ModelConfig {
  const fields = new ConfigFields(config, where);
  const architecture = findArchitecture(architectureName(fields), where);
  refuseUnsupported(fields);
  const sizes = readSizes(fields, architecture);
  const { num_layers, max_position_embeddings, vocab_size } = sizes;
  return {
    architecture,
    ...sizes,
    rms_norm_eps: fields.positive('rms_norm_eps', 1, 1e-6),
    tie_word_embeddings: fields.boolean('tie_word_embeddings', false),
    ...readBiases(fields, architecture),
    rope: readRope(fields, max_position_embeddings),
    windows: readWindows(fields, architecture.window, num_layers, max_position_embeddings),
    ...readTokenIds(fields, vocab_size, generation, where),
  };
}

function architectureName(fields: ConfigFields): string {
  const listed = fields.get('architectures');
  if (Array.isArray(listed) && typeof listed[0] === 'string') return listed[0];
  const modelType = fields.get('model_type');
  const byType = KNOWN_ARCHITECTURES.find((architecture) => architecture.model_type === modelType);
  if (byType) return byType.name;
  throw new TrtllmError('ARCHITECTURE_UNKNOWN', `${fields.where}: no "architectures", and model_type ${JSON.stringify(modelType)} tells none`);
}

/** What would change the arithmetic and is not done here is refused, never passed over. */
function refuseUnsupported(fields: ConfigFields): void {
  const activation = fields.text('hidden_act', 'silu');
  if (activation !== 'silu' && activation !== 'swish') throw fields.refuse('hidden_act', '"silu"');
  if (fields.has('quantization_config')) throw fields.refuse('quantization_config', 'none: quantized checkpoints are not read; give the unquantized one');
  if ((fields.get('partial_rotary_factor') ?? 1) !== 1) throw fields.refuse('partial_rotary_factor', '1 (a rotation of whole heads)');
}

function readSizes(fields: ConfigFields, architecture: Architecture) {
  const hidden_size = fields.integer('hidden_size', { min: 1, max: 2 ** 20 });
  const num_heads = fields.integer('num_attention_heads', { min: 1, max: 4096 });
  const num_kv_heads = fields.integer('num_key_value_heads', { min: 1, max: num_heads, fallback: num_heads });
  if (num_heads % num_kv_heads !== 0) throw fields.refuse('num_key_value_heads', `a divisor of num_attention_heads ${num_heads}`);
  return {
    hidden_size,
    num_heads,
    num_kv_heads,
    head_dim: readHeadDim(fields, architecture, hidden_size, num_heads),
    vocab_size: fields.integer('vocab_size', { min: 1, max: 2 ** 24 }),
    intermediate_size: fields.integer('intermediate_size', { min: 1, max: 2 ** 22 }),
    num_layers: fields.integer('num_hidden_layers', { min: 1, max: 4096 }),
    max_position_embeddings: fields.integer('max_position_embeddings', { min: 1, max: 2 ** 28 }),
  };
}

function readHeadDim(fields: ConfigFields, { default_head_dim }: Architecture, hidden_size: number, num_heads: number): number {
  if (!fields.has('head_dim') && default_head_dim === null && hidden_size % num_heads !== 0)
    throw fields.refuse('hidden_size', `a multiple of num_attention_heads ${num_heads}, since head_dim is not given`);
  const head_dim = fields.integer('head_dim', { min: 2, max: 1024, fallback: default_head_dim ?? hidden_size / num_heads });
  if (head_dim % 2 !== 0) throw fields.refuse('head_dim', `an even number (found ${head_dim}): positions rotate pairs`);
  return head_dim;
}

function readBiases(fields: ConfigFields, architecture: Architecture) {
  const attention = fields.boolean('attention_bias', false);
  const mlp = fields.boolean('mlp_bias', false);
  return {
    qkv_bias: architecture.qkv_bias === 'always' || (architecture.qkv_bias === 'config' && attention),
    attention_output_bias: architecture.attention_output_bias === 'config' && attention,
    mlp_bias: architecture.mlp_bias === 'config' && mlp,
  };
}

function readTokenIds(fields: ConfigFields, vocabSize: number, generation: Record<string, unknown> | undefined, where: string) {
  const generationFields = new ConfigFields(generation ?? {}, where.replace(/[^/\\]*$/, 'generation_config.json'));
  const ids = (key: string) => (generationFields.has(key) ? generationFields : fields).tokenIds(key, vocabSize);
  return { eos_token_ids: ids('eos_token_id'), bos_token_id: ids('bos_token_id')[0] ?? null };
}
