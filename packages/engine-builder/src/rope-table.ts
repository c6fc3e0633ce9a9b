// Rotary frequencies, in the float32 arithmetic that transformers computes them in: a different rounding of inv_freq shows in the
// logits of long prompts. Formulas: transformers modeling_rope_utils.py; llama3: Llama 3.1 reference code; yarn: Peng et al. 2023.
import type { RopeTable } from '@trtllm/protocol';
import type { RopeConfig } from './rope-config.js';

const f32 = Math.fround;
type Llama3 = Extract<RopeConfig, { type: 'llama3' }>;
type Yarn = Extract<RopeConfig, { type: 'yarn' }>;

export function ropeTable(rope: RopeConfig, headDim: number): RopeTable {
  const powers = Array.from({ length: headDim / 2 }, (_, pair) => f32(Math.pow(f32(rope.theta), f32((2 * pair) / headDim))));
  const plain = powers.map((power) => f32(1 / power));
  switch (rope.type) {
    case 'default':
      return { inv_freq: plain, attention_factor: 1 };
    case 'linear':
      return { inv_freq: plain.map((frequency) => f32(frequency / f32(rope.factor))), attention_factor: 1 };
    case 'llama3':
      return { inv_freq: plain.map((frequency) => llama3Frequency(frequency, rope)), attention_factor: 1 };
    case 'yarn':
      return { inv_freq: yarnFrequencies(powers, rope, headDim), attention_factor: yarnAttentionFactor(rope) };
  }
}

/** Short waves stay, long ones are stretched by factor, those between are blended. */
function llama3Frequency(frequency: number, rope: Llama3): number {
  const { low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: original } = rope;
  const wavelength = f32(f32(2 * Math.PI) * f32(1 / frequency));
  const stretched = f32(frequency / f32(rope.factor));
  if (wavelength < f32(original / high)) return frequency;
  if (wavelength > f32(original / low)) return stretched;
  const blend = f32(f32(f32(f32(original) / wavelength) - f32(low)) / f32(high - low));
  return f32(f32(f32(f32(1 - blend) * frequency) / f32(rope.factor)) + f32(blend * frequency));
}

/** Pairs that turn often within the original context stay, slow ones are stretched, a linear ramp between. */
function yarnFrequencies(powers: number[], rope: Yarn, headDim: number): number[] {
  const [low, high] = yarnRamp(rope, headDim);
  return powers.map((power, pair) => {
    const kept = f32(1 - clamp(f32(f32(pair - f32(low)) / f32(high - low))));
    const stretched = f32(1 / f32(f32(rope.factor) * power));
    return f32(f32(stretched * f32(1 - kept)) + f32(f32(1 / power) * kept));
  });
}

/** Pairs between which the ramp runs; correction(r) is the pair that turns r times within the original context. */
function yarnRamp(rope: Yarn, headDim: number): [number, number] {
  const correction = (turns: number) =>
    (headDim * Math.log(rope.original_max_position_embeddings / (turns * 2 * Math.PI))) / (2 * Math.log(rope.theta));
  const [first, last] = [correction(rope.beta_fast), correction(rope.beta_slow)];
  const low = Math.max(rope.truncate ? Math.floor(first) : first, 0);
  const high = Math.min(rope.truncate ? Math.ceil(last) : last, headDim - 1);
  return [low, high === low ? high + 0.001 : high];
}

function yarnAttentionFactor({ attention_factor, mscale, mscale_all_dim, factor }: Yarn): number {
  const scaleOf = (weight: number) => (factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1);
  if (attention_factor !== null) return attention_factor;
  return mscale !== null && mscale_all_dim !== null ? scaleOf(mscale) / scaleOf(mscale_all_dim) : scaleOf(1);
}

function clamp(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}
