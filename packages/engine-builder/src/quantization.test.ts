import { describe, expect, it } from 'vitest';
import type { PlanEntry } from '@trtllm/protocol';
import { quantizedEntries, resolveQuantization } from './quantization.js';
import { sectionBytes } from './section-layout.js';

const WEIGHT: PlanEntry = { name: 'w', layout: 'tile16', dtype: 'bfloat16', shape: [40, 200], parts: [], arrange: 'concat' };

describe('resolveQuantization', () => {
  it('is nothing without a format', () => {
    expect(resolveQuantization({}, 'bfloat16')).toBeNull();
    expect(resolveQuantization({ qformat: 'full_prec' }, 'float32')).toBeNull();
  });

  it('groups 128 inputs and stores the head in int8 unless told otherwise', () => {
    expect(resolveQuantization({ qformat: 'w4a8' }, 'bfloat16')).toEqual({ qformat: 'w4a8', group_size: 128, lm_head: 'int8' });
    expect(resolveQuantization({ qformat: 'int4_wo', group_size: 32, lm_head_dtype: 'int4' }, 'bfloat16')).toEqual({ qformat: 'int4_wo', group_size: 32, lm_head: 'int4' });
  });

  it.each([
    [{ qformat: 'int3' }, 'bfloat16', 'int8_wo, int8_dyn, int4_wo, w4a8'],
    [{ qformat: 'int8_wo' }, 'float32', 'need dtype bfloat16'],
    [{ qformat: 'w4a8', group_size: 48 }, 'bfloat16', 'expected 32, 64 or 128'],
    [{ qformat: 'w4a8', lm_head_dtype: 'fp8' }, 'bfloat16', 'lm_head_dtype'],
    [{ group_size: 64 }, 'bfloat16', 'needs qformat'],
    [{ lm_head_dtype: 'int8' }, 'bfloat16', 'needs qformat'],
  ])('refuses %j with %s', (options, dtype, expected) => {
    expect(() => resolveQuantization(options, dtype)).toThrow(expected);
  });
});

describe('quantizedEntries', () => {
  it.each([
    ['int8_wo', 'int8', ['w', 'w.scale']],
    ['int8_dyn', 'int8', ['w', 'w.scale']],
    ['int4_wo', 'int4', ['w', 'w.group_scale']],
    ['w4a8', 'int4', ['w', 'w.scale', 'w.multiplier']],
  ] as const)('%s stores %s codes with their scales', (qformat, codes, names) => {
    const entries = quantizedEntries(WEIGHT, codes, { qformat, group_size: 64, lm_head: 'int8' });
    expect(entries.map(({ name }) => name)).toEqual(names);
    expect(entries.every(({ quantize }) => quantize?.of === 'w')).toBe(true);
  });

  it('has the bytes of docs/engine-format.md: 48 outputs, 256 inputs, 4 groups', () => {
    const bytes = (qformat: 'int8_wo' | 'int4_wo' | 'w4a8', codes: 'int8' | 'int4') => quantizedEntries(WEIGHT, codes, { qformat, group_size: 64, lm_head: 'int8' }).map(sectionBytes);
    expect(bytes('int8_wo', 'int8')).toEqual([48 * 256, 48 * 4]);
    expect(bytes('int4_wo', 'int4')).toEqual([48 * 128, 48 * 4 * 4]);
    expect(bytes('w4a8', 'int4')).toEqual([48 * 128, 48 * 4, 48 * 4]);
  });

  it('leaves a bfloat16 head whole', () => {
    expect(quantizedEntries(WEIGHT, 'bfloat16', { qformat: 'w4a8', group_size: 64, lm_head: 'bfloat16' })).toEqual([WEIGHT]);
  });
});
