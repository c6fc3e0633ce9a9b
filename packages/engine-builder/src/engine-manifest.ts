// The manifest of an engine about to be built: config.json, with TensorRT-LLM's field names.
import { ENGINE_FORMAT_VERSION, VERSION, type BuildPlan, type EngineManifest, type Graph } from '@trtllm/protocol';
import type { ResolvedOptions } from './build-options.js';
import type { SectionNeed } from './decoder-weights.js';
import { jsonDocument, sha256 } from './json-document.js';
import type { ModelConfig } from './model-config.js';
import type { Checkpoint } from './read-checkpoint.js';
import { quantAlgo } from './quantization.js';
import { sectionBytes } from './section-layout.js';
import { hasTokenizer } from './tokenizer-files.js';

/** Tokens of one KV block; the native engine knows no other. */
const TOKENS_PER_BLOCK = 32;

export interface ManifestInput {
  config: ModelConfig;
  checkpoint: Checkpoint;
  options: ResolvedOptions;
  modelName: string;
  needs: readonly SectionNeed[];
  plan: BuildPlan;
  graph: Graph;
}

export function engineManifest(input: ManifestInput): EngineManifest {
  const { config, options } = input;
  return {
    version: VERSION,
    pretrained_config: pretrainedConfig(config, options),
    build_config: {
      max_batch_size: options.max_batch_size,
      max_num_tokens: options.max_num_tokens,
      max_seq_len: options.max_seq_len ?? config.max_position_embeddings,
      max_beam_width: 1,
      tokens_per_block: TOKENS_PER_BLOCK,
    },
    trtllm: ourSection(input),
  };
}

/** Of everything that decides the engine's bytes: config, tensor headers, file sizes, options. */
export function sourceDigest({ configText, generation, shards }: Checkpoint, options: ResolvedOptions): string {
  const files = shards.map(({ name, bytes, headerText }) => ({ name, bytes, header: sha256(headerText) }));
  return sha256(JSON.stringify({ version: VERSION, config: configText, generation: generation ?? null, files, options }));
}

function pretrainedConfig(config: ModelConfig, { dtype, quantization, kv_cache }: ResolvedOptions): EngineManifest['pretrained_config'] {
  return {
    architecture: config.architecture.name,
    dtype,
    vocab_size: config.vocab_size,
    hidden_size: config.hidden_size,
    intermediate_size: config.intermediate_size,
    num_hidden_layers: config.num_layers,
    num_attention_heads: config.num_heads,
    num_key_value_heads: config.num_kv_heads,
    head_size: config.head_dim,
    max_position_embeddings: config.max_position_embeddings,
    hidden_act: 'silu',
    norm_epsilon: config.rms_norm_eps,
    position_embedding_type: config.rope.type === 'yarn' ? 'yarn' : 'rope_gpt_neox',
    rotary_base: config.rope.theta,
    tie_word_embeddings: config.tie_word_embeddings,
    mapping: { world_size: 1, tp_size: 1, pp_size: 1 },
    quantization: {
      quant_algo: quantAlgo(quantization),
      kv_cache_quant_algo: kv_cache && 'INT8',
      ...(quantization && { group_size: quantization.group_size, lm_head_dtype: quantization.lm_head }),
    },
  };
}

function ourSection({ config, checkpoint, options, modelName, needs, plan, graph }: ManifestInput): EngineManifest['trtllm'] {
  const elements = needs.flatMap(({ parts }) => parts.map(({ shape }) => shape.reduce((product, size) => product * size, 1)));
  return {
    format_version: ENGINE_FORMAT_VERSION,
    builder_version: VERSION,
    backend: 'cpu',
    model_name: modelName,
    graph_sha256: sha256(jsonDocument(graph)),
    source_sha256: sourceDigest(checkpoint, options),
    num_parameters: sum(elements),
    weight_bytes: sum(plan.entries.filter(({ name }) => isReadByDecode(name, config)).map(sectionBytes)),
    rank_files: [{ file: plan.output, bytes: plan.output_bytes }],
    has_tokenizer: hasTokenizer(checkpoint.tokenizer.files),
    eos_token_ids: config.eos_token_ids,
    bos_token_id: config.bos_token_id,
    synthetic: options.synthetic_seed !== null,
  };
}

/** A decode step reads every weight, of an embedding that is not the LM head too only a row. */
function isReadByDecode(section: string, { tie_word_embeddings }: ModelConfig): boolean {
  return !section.startsWith('embedding') || tie_word_embeddings;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
