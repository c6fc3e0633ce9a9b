// Expected values: the formulas of the papers in double precision, computed outside of this code (plain Python).
import { describe, expect, it } from 'vitest';
import type { RopeConfig } from './rope-config.js';
import { ropeTable } from './rope-table.js';

/** The table is float32 through and through: a few units in the last place. */
const RELATIVE_TOLERANCE = 1e-6;

function expectFrequencies(rope: RopeConfig, headDim: number, expected: Record<number, number>): void {
  const { inv_freq } = ropeTable(rope, headDim);
  expect(inv_freq).toHaveLength(headDim / 2);
  for (const [pair, value] of Object.entries(expected)) expect(Math.abs(inv_freq[Number(pair)]! / value - 1), `pair ${pair}`).toBeLessThan(RELATIVE_TOLERANCE);
}

const YARN = { type: 'yarn', beta_fast: 32, beta_slow: 1, truncate: true, attention_factor: null, mscale: null, mscale_all_dim: null } as const;

describe('rope table', () => {
  it('holds float32 numbers, theta^(-2i/d)', () => {
    const { inv_freq, attention_factor } = ropeTable({ theta: 10_000, type: 'default' }, 8);
    expect(inv_freq).toEqual([1, Math.fround(0.1), Math.fround(0.01), Math.fround(0.001)]);
    expect(attention_factor).toBe(1);
  });

  it('linear scaling divides every frequency', () => {
    expectFrequencies({ theta: 10_000, type: 'linear', factor: 2.5 }, 16, { 0: 0.4, 1: 0.12649111, 2: 0.04, 7: 0.00012649111 });
  });

  it('llama3 scaling of Llama 3.1 keeps short waves, stretches long ones, blends pairs 29 to 34', () => {
    expectFrequencies(
      { theta: 500_000, type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 },
      128,
      { 0: 1, 1: 0.81461723, 20: 0.01656044, 26: 0.0048394213, 28: 0.003211446, 29: 0.0021665708, 31: 0.00085675141, 34: 0.00017850781, 35: 9.5562124e-5, 63: 3.068926e-7 },
    );
  });

  it('yarn of Qwen2.5 ramps from pair 23 to 40', () => {
    const rope: RopeConfig = { ...YARN, theta: 1e6, factor: 4, original_max_position_embeddings: 32_768 };
    expectFrequencies(rope, 128, { 0: 1, 10: 0.1154782, 23: 0.0069783058, 24: 0.0053753215, 30: 0.001064361, 39: 6.4903943e-5, 40: 4.4456985e-5, 63: 3.1023444e-7 });
    expect(ropeTable(rope, 128).attention_factor).toBeCloseTo(1.138629436111989, 12);
  });

  it('yarn without truncation ramps between fractions of pairs', () => {
    expectFrequencies({ ...YARN, theta: 150_000, factor: 32, original_max_position_embeddings: 4096, truncate: false }, 64, {
      0: 1, 5: 0.15532299, 8: 0.050813275, 9: 0.031705696, 12: 0.0067949595, 15: 0.0010526021, 17: 0.0001293187, 18: 3.8308812e-5, 31: 3.0235114e-7,
    });
  });

  it('the attention factor of yarn follows from mscale, or is what the config says', () => {
    const rope = { ...YARN, theta: 10_000, factor: 40, original_max_position_embeddings: 4096 };
    expect(ropeTable({ ...rope, mscale: 0.5, mscale_all_dim: 1 }, 64).attention_factor).toBeCloseTo(0.865259992007406, 12);
    expect(ropeTable({ ...rope, attention_factor: 1.5 }, 64).attention_factor).toBe(1.5);
    expect(ropeTable({ ...rope, factor: 1 }, 64).attention_factor).toBe(1);
  });
});
