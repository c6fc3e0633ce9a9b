// Mistral 7B (v0.1 with a sliding window, later ones without) and Nemo (head_dim is not hidden_size / heads).
import type { Architecture } from './architecture.js';
import { LLAMA_TENSORS } from './llama.js';

export const mistral: Architecture = {
  name: 'MistralForCausalLM',
  model_type: 'mistral',
  default_head_dim: null,
  qkv_bias: 'never',
  attention_output_bias: 'never',
  mlp_bias: 'never',
  window: 'all_layers',
  tensors: LLAMA_TENSORS,
};
