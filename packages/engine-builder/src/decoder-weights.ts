// Which checkpoint tensors make which section of the engine: q, k, v become one linear, gate and up another (docs/engine-format.md).
import type { ModelConfig } from './model-config.js';

/** A checkpoint tensor that must be there, with its shape: [rows, k] or [rows]. */
export interface TensorNeed {
  tensor: string;
  shape: number[];
}

export interface SectionNeed {
  name: string;
  layout: 'vector' | 'tile16';
  arrange: 'concat' | 'interleave16';
  parts: TensorNeed[];
  /** What a synthetic one holds. */
  role: 'linear' | 'norm' | 'bias';
}

export function decoderWeights(config: ModelConfig): SectionNeed[] {
  const { embedding, final_norm, lm_head } = config.architecture.tensors;
  const table = [config.vocab_size, config.hidden_size];
  return [
    linear('embedding', [{ tensor: embedding, shape: table }]),
    ...Array.from({ length: config.num_layers }, (_, layer) => layerWeights(config, layer)).flat(),
    norm('final_norm', final_norm, config.hidden_size),
    ...(config.tie_word_embeddings ? [] : [linear('lm_head', [{ tensor: lm_head, shape: table }])]),
  ];
}

function layerWeights(config: ModelConfig, layer: number): SectionNeed[] {
  const { hidden_size, intermediate_size, num_heads, num_kv_heads, head_dim, architecture } = config;
  const of = (name: string) => name.replace('{i}', String(layer));
  const names = architecture.tensors;
  const need = (name: string, ...shape: number[]): TensorNeed => ({ tensor: of(name), shape });
  const [q_rows, kv_rows] = [num_heads * head_dim, num_kv_heads * head_dim];
  const qkv = [need(names.q, q_rows, hidden_size), need(names.k, kv_rows, hidden_size), need(names.v, kv_rows, hidden_size)];
  const gateUp = [need(names.gate, intermediate_size, hidden_size), need(names.up, intermediate_size, hidden_size)];
  const prefix = `layers.${layer}`;
  return [
    norm(`${prefix}.attention_norm`, of(names.attention_norm), hidden_size),
    ...linearWithBias(`${prefix}.attention.qkv`, qkv, config.qkv_bias),
    ...(names.q_norm ? [norm(`${prefix}.attention.q_norm`, of(names.q_norm), head_dim)] : []),
    ...(names.k_norm ? [norm(`${prefix}.attention.k_norm`, of(names.k_norm), head_dim)] : []),
    ...linearWithBias(`${prefix}.attention.output`, [need(names.attention_output, hidden_size, q_rows)], config.attention_output_bias),
    norm(`${prefix}.mlp_norm`, of(names.mlp_norm), hidden_size),
    ...linearWithBias(`${prefix}.mlp.gate_up`, gateUp, config.mlp_bias, 'interleave16'),
    ...linearWithBias(`${prefix}.mlp.down`, [need(names.down, hidden_size, intermediate_size)], config.mlp_bias),
  ];
}

function norm(name: string, tensor: string, size: number): SectionNeed {
  return { name, layout: 'vector', arrange: 'concat', parts: [{ tensor, shape: [size] }], role: 'norm' };
}

function linear(name: string, parts: TensorNeed[], arrange: SectionNeed['arrange'] = 'concat'): SectionNeed {
  return { name, layout: 'tile16', arrange, parts, role: 'linear' };
}

function linearWithBias(name: string, parts: TensorNeed[], hasBias: boolean, arrange: SectionNeed['arrange'] = 'concat'): SectionNeed[] {
  if (!hasBias) return [linear(name, parts, arrange)];
  const biases = parts.map(({ tensor, shape }) => ({ tensor: tensor.replace(/weight$/, 'bias'), shape: [shape[0]!] }));
  return [linear(name, parts, arrange), { name: `${name}.bias`, layout: 'vector', arrange, parts: biases, role: 'bias' }];
}
