// How config.json spells rotary positions: rope_theta beside rope_scaling, or transformers 5's rope_parameters with both.
import type { ConfigFields } from './config-fields.js';

export type RopeConfig = { theta: number } & (
  | { type: 'default' }
  | { type: 'linear'; factor: number }
  | { type: 'llama3'; factor: number; low_freq_factor: number; high_freq_factor: number; original_max_position_embeddings: number }
  | {
      type: 'yarn';
      factor: number;
      original_max_position_embeddings: number;
      beta_fast: number;
      beta_slow: number;
      truncate: boolean;
      /** What cos and sin are multiplied by; null: follows from mscale and factor. */
      attention_factor: number | null;
      mscale: number | null;
      mscale_all_dim: number | null;
    }
);

const MAX_THETA = 1e12;
const MAX_FACTOR = 1e6;
const DEFAULT_THETA = 10_000;

export function readRope(fields: ConfigFields, maxPositions: number): RopeConfig {
  const scaling = fields.object('rope_parameters') ?? fields.object('rope_scaling');
  const theta = (scaling?.has('rope_theta') ? scaling : fields).positive('rope_theta', MAX_THETA, DEFAULT_THETA);
  if (theta <= 1) throw fields.refuse('rope_theta', `a number above 1 (found ${theta})`);
  if (!scaling) return { theta, type: 'default' };
  if ((scaling.get('partial_rotary_factor') ?? 1) !== 1) throw scaling.refuse('partial_rotary_factor', '1 (a rotation of whole heads)');
  const key = scaling.has('rope_type') || !scaling.has('type') ? 'rope_type' : 'type';
  switch (scaling.text(key, scaling.has('factor') ? undefined : 'default')) {
    case 'default':
      return { theta, type: 'default' };
    case 'linear':
      return { theta, type: 'linear', factor: scaling.positive('factor', MAX_FACTOR) };
    case 'llama3':
      return { theta, ...readLlama3(scaling, maxPositions) };
    case 'yarn':
      return { theta, ...readYarn(scaling, maxPositions) };
    default:
      throw scaling.refuse(key, 'default, linear, llama3 or yarn (dynamic, longrope and others are not done yet)');
  }
}

function readLlama3(scaling: ConfigFields, maxPositions: number) {
  const low_freq_factor = scaling.positive('low_freq_factor', MAX_FACTOR);
  const high_freq_factor = scaling.positive('high_freq_factor', MAX_FACTOR);
  if (high_freq_factor <= low_freq_factor) throw scaling.refuse('high_freq_factor', `more than low_freq_factor ${low_freq_factor}`);
  return {
    type: 'llama3' as const,
    factor: scaling.positive('factor', MAX_FACTOR),
    low_freq_factor,
    high_freq_factor,
    original_max_position_embeddings: readOriginalPositions(scaling, maxPositions),
  };
}

function readYarn(scaling: ConfigFields, maxPositions: number) {
  const original_max_position_embeddings = readOriginalPositions(scaling, maxPositions);
  const optional = (key: string) => (scaling.has(key) ? scaling.positive(key, MAX_FACTOR) : null);
  return {
    type: 'yarn' as const,
    factor: scaling.positive('factor', MAX_FACTOR, maxPositions / original_max_position_embeddings),
    original_max_position_embeddings,
    beta_fast: scaling.positive('beta_fast', MAX_FACTOR, 32),
    beta_slow: scaling.positive('beta_slow', MAX_FACTOR, 1),
    truncate: scaling.boolean('truncate', true),
    attention_factor: optional('attention_factor'),
    mscale: optional('mscale'),
    mscale_all_dim: optional('mscale_all_dim'),
  };
}

function readOriginalPositions(scaling: ConfigFields, maxPositions: number): number {
  return scaling.integer('original_max_position_embeddings', { min: 1, max: 2 ** 28, fallback: maxPositions });
}
