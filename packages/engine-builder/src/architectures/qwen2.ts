// Qwen2 and Qwen2.5: biases on q, k and v, whatever config.json says.
import type { Architecture } from './architecture.js';
import { LLAMA_TENSORS } from './llama.js';

export const qwen2: Architecture = {
  name: 'Qwen2ForCausalLM',
  model_type: 'qwen2',
  default_head_dim: null,
  qkv_bias: 'always',
  attention_output_bias: 'never',
  mlp_bias: 'never',
  window: 'by_layer',
  tensors: LLAMA_TENSORS,
};
