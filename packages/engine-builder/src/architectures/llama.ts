// Llama 2, 3, 3.1, 3.2, 3.3 and the many checkpoints of the same shape.
import type { Architecture, TensorNames } from './architecture.js';

export const LLAMA_TENSORS: TensorNames = {
  embedding: 'model.embed_tokens.weight',
  attention_norm: 'model.layers.{i}.input_layernorm.weight',
  q: 'model.layers.{i}.self_attn.q_proj.weight',
  k: 'model.layers.{i}.self_attn.k_proj.weight',
  v: 'model.layers.{i}.self_attn.v_proj.weight',
  attention_output: 'model.layers.{i}.self_attn.o_proj.weight',
  mlp_norm: 'model.layers.{i}.post_attention_layernorm.weight',
  gate: 'model.layers.{i}.mlp.gate_proj.weight',
  up: 'model.layers.{i}.mlp.up_proj.weight',
  down: 'model.layers.{i}.mlp.down_proj.weight',
  final_norm: 'model.norm.weight',
  lm_head: 'lm_head.weight',
};

export const llama: Architecture = {
  name: 'LlamaForCausalLM',
  model_type: 'llama',
  default_head_dim: null,
  qkv_bias: 'config',
  attention_output_bias: 'config',
  mlp_bias: 'config',
  window: 'none',
  tensors: LLAMA_TENSORS,
};
