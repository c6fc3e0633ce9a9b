// config.json of an engine: TensorRT-LLM's field names under pretrained_config and build_config, ours under trtllm.

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
    quantization: { quant_algo: string | null; kv_cache_quant_algo: string | null };
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
