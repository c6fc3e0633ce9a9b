// The shapes measured: Hugging Face config.json files without weights, in shapes/.
import { readFileSync } from 'node:fs';

/**
 * @typedef {object} Shape
 * @property {'llama' | 'qwen2'} model_type
 * @property {number} hidden_size
 * @property {number} intermediate_size
 * @property {number} num_hidden_layers
 * @property {number} num_attention_heads
 * @property {number} num_key_value_heads
 * @property {number} [head_dim]
 * @property {number} vocab_size
 * @property {number} max_position_embeddings
 * @property {number} rms_norm_eps
 * @property {number} rope_theta
 * @property {boolean} tie_word_embeddings
 */

/** @param {string} name */
export function shapePath(name) {
  return new URL(`../shapes/${name}.json`, import.meta.url).pathname;
}

/** @param {string} name @returns {Shape} */
export function readShape(name) {
  return JSON.parse(readFileSync(shapePath(name), 'utf8'));
}
