// What a model family is to the builder: data. Everything else is the shared decoder block (decoder-graph.ts, decoder-weights.ts).

/** HF tensor names; `{i}` is the layer. A bias is the weight's name with .bias for .weight. */
export interface TensorNames {
  embedding: string;
  attention_norm: string;
  q: string;
  k: string;
  v: string;
  /** Norm of each head of q and of k, where the family has one. */
  q_norm?: string;
  k_norm?: string;
  attention_output: string;
  mlp_norm: string;
  gate: string;
  up: string;
  down: string;
  final_norm: string;
  lm_head: string;
}

export interface Architecture {
  /** As in `architectures` of config.json. */
  name: string;
  model_type: string;
  /** head_dim where config.json has none; null: hidden_size / num_attention_heads. */
  default_head_dim: number | null;
  /** `config`: as attention_bias says. */
  qkv_bias: 'always' | 'never' | 'config';
  attention_output_bias: 'never' | 'config';
  /** `config`: as mlp_bias says. */
  mlp_bias: 'never' | 'config';
  /** all_layers: sliding_window holds everywhere; by_layer: use_sliding_window with layer_types or max_window_layers. */
  window: 'none' | 'all_layers' | 'by_layer';
  tensors: TensorNames;
}
