// A model's shape (the fields of a Hugging Face config.json) -> the GGUF llama.cpp runs: random Gaussian weights, real sizes, no text.
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { BF16, F32, Q4_0, Q6_K, Q8_0 } from './blocks.js';
import { tensorBytes, writeGguf } from './gguf-writer.js';

/** @typedef {import('./gguf-writer.js').Tensor} Tensor */
/** @typedef {import('./gguf-writer.js').MetadataValue} MetadataValue */
/** @typedef {import('./blocks.js').TensorType} TensorType */
/** @typedef {import('./shape.js').Shape} Shape */
/** @typedef {'BF16' | 'Q8_0' | 'Q4_0'} FileFormat */

const MATRIX = { BF16, Q8_0, Q4_0 };
/** As llama-quantize does: a 4-bit file's head, and with it a tied embedding, is Q6_K, or Q8_0 where rows are no whole blocks. @param {FileFormat} format @param {number} hidden */
function headType(format, hidden) {
  if (format !== 'Q4_0') return MATRIX[format];
  return hidden % Q6_K.blockValues === 0 ? Q6_K : Q8_0;
}

const POOL_VALUES = 1 << 22;
const STANDARD_DEVIATION = 0.02;
const PIECE_BYTES = 1 << 24;

/** Writes the file unless it is there. @param {string} path @param {Shape} shape @param {FileFormat} format */
export function ensureModelGguf(path, shape, format) {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  const pools = new Map();
  const partial = `${path}.partial`;
  writeGguf(partial, metadataOf(shape), tensorsOf(shape, format), (tensor) => randomBytesOf(tensor, pools));
  renameSync(partial, path);
}

/** @param {Shape} shape @returns {Record<string, MetadataValue>} */
function metadataOf(shape) {
  const family = shape.model_type;
  const headSize = shape.head_dim ?? shape.hidden_size / shape.num_attention_heads;
  const u32 = (/** @type {number} */ value) => ({ type: /** @type {const} */ ('u32'), value });
  const f32 = (/** @type {number} */ value) => ({ type: /** @type {const} */ ('f32'), value });
  return {
    'general.architecture': { type: 'string', value: family },
    'general.alignment': u32(32),
    [`${family}.context_length`]: u32(shape.max_position_embeddings),
    [`${family}.embedding_length`]: u32(shape.hidden_size),
    [`${family}.block_count`]: u32(shape.num_hidden_layers),
    [`${family}.feed_forward_length`]: u32(shape.intermediate_size),
    [`${family}.attention.head_count`]: u32(shape.num_attention_heads),
    [`${family}.attention.head_count_kv`]: u32(shape.num_key_value_heads),
    [`${family}.attention.key_length`]: u32(headSize),
    [`${family}.attention.value_length`]: u32(headSize),
    [`${family}.rope.dimension_count`]: u32(headSize),
    [`${family}.attention.layer_norm_rms_epsilon`]: f32(shape.rms_norm_eps),
    [`${family}.rope.freq_base`]: f32(shape.rope_theta),
    [`${family}.vocab_size`]: u32(shape.vocab_size),
    // Ids in, logits out: no tokenizer.
    'tokenizer.ggml.model': { type: 'string', value: 'none' },
  };
}

/** @param {Shape} shape @param {FileFormat} format @returns {Tensor[]} */
export function tensorsOf(shape, format) {
  const { hidden_size: hidden, vocab_size: vocabulary } = shape;
  const isTied = shape.tie_word_embeddings;
  const embedding = { name: 'token_embd.weight', shape: [hidden, vocabulary], type: isTied ? headType(format, hidden) : MATRIX[format] };
  const head = isTied ? [] : [{ name: 'output.weight', shape: [hidden, vocabulary], type: headType(format, hidden) }];
  const layers = Array.from({ length: shape.num_hidden_layers }, (_, layer) => layerTensors(shape, MATRIX[format], `blk.${layer}`));
  return [embedding, ...layers.flat(), { name: 'output_norm.weight', shape: [hidden], type: F32 }, ...head];
}

/** @param {Shape} shape @param {TensorType} type @param {string} prefix @returns {Tensor[]} */
function layerTensors(shape, type, prefix) {
  const headSize = shape.head_dim ?? shape.hidden_size / shape.num_attention_heads;
  const queries = headSize * shape.num_attention_heads;
  const keys = headSize * shape.num_key_value_heads;
  const { hidden_size: hidden, intermediate_size: inner } = shape;
  const matrix = (/** @type {string} */ name, /** @type {number} */ inputs, /** @type {number} */ outputs) => ({ name: `${prefix}.${name}.weight`, shape: [inputs, outputs], type });
  const vector = (/** @type {string} */ name, /** @type {number} */ size) => ({ name: `${prefix}.${name}`, shape: [size], type: F32 });
  const biases = shape.model_type === 'qwen2' ? [vector('attn_q.bias', queries), vector('attn_k.bias', keys), vector('attn_v.bias', keys)] : [];
  return [
    vector('attn_norm.weight', hidden),
    matrix('attn_q', hidden, queries),
    matrix('attn_k', hidden, keys),
    matrix('attn_v', hidden, keys),
    ...biases,
    matrix('attn_output', queries, hidden),
    vector('ffn_norm.weight', hidden),
    matrix('ffn_gate', hidden, inner),
    matrix('ffn_up', hidden, inner),
    matrix('ffn_down', inner, hidden),
  ];
}

/** Pieces of one pool of encoded blocks, over and over: fresh numbers for a billion weights would take minutes and time the same. @param {Tensor} tensor @param {Map<TensorType, Uint8Array>} pools */
function* randomBytesOf(tensor, pools) {
  const pool = pools.get(tensor.type) ?? encodedPool(tensor.type);
  pools.set(tensor.type, pool);
  const total = tensorBytes(tensor);
  for (let at = 0; at < total; at += Math.min(pool.length, PIECE_BYTES)) yield pool.subarray(0, Math.min(pool.length, PIECE_BYTES, total - at));
}

/** @param {TensorType} type */
function encodedPool(type) {
  const values = gaussianValues(POOL_VALUES);
  const out = new Uint8Array((POOL_VALUES / type.blockValues) * type.blockBytes);
  const view = new DataView(out.buffer);
  for (let block = 0; block * type.blockValues < POOL_VALUES; block++) type.encode(values, block * type.blockValues, view, block * type.blockBytes);
  return out;
}

/** Box-Muller over a 32-bit xorshift. @param {number} count */
function gaussianValues(count) {
  let state = 0x9e3779b9;
  const uniform = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 1) / 2 ** 32;
  };
  return Float32Array.from({ length: count }, () => STANDARD_DEVIATION * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
}
