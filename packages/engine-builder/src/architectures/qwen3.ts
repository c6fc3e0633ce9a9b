// Qwen3: each head of q and k is normed before the rotation; head_dim stands on its own.
import type { Architecture } from './architecture.js';
import { LLAMA_TENSORS } from './llama.js';

export const qwen3: Architecture = {
  name: 'Qwen3ForCausalLM',
  model_type: 'qwen3',
  default_head_dim: 128,
  qkv_bias: 'config',
  attention_output_bias: 'config',
  mlp_bias: 'never',
  window: 'by_layer',
  tensors: {
    ...LLAMA_TENSORS,
    q_norm: 'model.layers.{i}.self_attn.q_norm.weight',
    k_norm: 'model.layers.{i}.self_attn.k_norm.weight',
  },
};
