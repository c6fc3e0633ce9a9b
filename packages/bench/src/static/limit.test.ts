import type { EngineManifest } from '@trtllm/protocol';
import { describe, expect, it } from 'vitest';
import { batchLimit, decodeLimit, engineCost, machineLimits, prefillLimit, type EngineCost } from './limit.js';

const COST: EngineCost = { step_weight_bytes: 1e9, kv_bytes_per_token: 1000, flops_per_token: 2e9, head_flops: 1e8, attention_flops_per_position: 1e4, arithmetic: 'bf16' };
const MACHINE = { gflops: 1000, arithmetic: 'avx512 bf16', gbytes: 10 };

describe('what a token costs', () => {
  const manifest = (quant_algo: string | null, tied: boolean) =>
    ({
      pretrained_config: { dtype: 'bfloat16', vocab_size: 1000, hidden_size: 64, intermediate_size: 128, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, head_size: 16, tie_word_embeddings: tied, quantization: { quant_algo, kv_cache_quant_algo: null } },
      trtllm: { weight_bytes: 1_000_000 },
    }) as unknown as EngineManifest;

  it('counts linears, head, attention and KV by the shape', () => {
    const cost = engineCost(manifest(null, true));
    // q and o 64 x 64, k and v 64 x 32, gate, up and down 64 x 128; two layers, a multiply-add is two operations
    expect(cost.flops_per_token).toBe(2 * 2 * (2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 128));
    expect(cost.head_flops).toBe(2 * 64 * 1000);
    expect(cost.attention_flops_per_position).toBe(2 * 2 * 2 * 64);
    expect(cost.kv_bytes_per_token).toBe(2 * 2 * 32 * 2);
    expect(cost.step_weight_bytes).toBe(1_000_000);
    expect(cost.arithmetic).toBe('bf16');
  });

  it('leaves out an embedding of its own, and knows int8 arithmetic', () => {
    expect(engineCost(manifest(null, false)).step_weight_bytes).toBe(1_000_000 - 2 * 64 * 1000);
    expect(engineCost(manifest('W4A8_QSERVE_PER_GROUP', true)).arithmetic).toBe('int8');
    expect(engineCost(manifest('W4A16', true)).arithmetic).toBe('bf16');
  });
});

describe('the least time', () => {
  it('of a prompt is arithmetic once it is long, the weights while it is short', () => {
    const long = prefillLimit(COST, MACHINE, 512);
    expect(long.arithmetic_s).toBeCloseTo((512 * 2e9 + 512 * 513 * 0.5 * 1e4 + 1e8) / 1e12, 12);
    expect(long.seconds).toBe(long.arithmetic_s);
    expect(prefillLimit(COST, MACHINE, 1).seconds).toBe(0.1);
  });

  it('of decoding is the weights and the growing KV cache, once a token after the first', () => {
    const { memory_s, seconds } = decodeLimit(COST, MACHINE, 100, 4);
    expect(memory_s).toBeCloseTo((3 * 1e9 + (101 + 102 + 103) * 1000) / 1e10, 12);
    expect(seconds).toBe(memory_s);
    expect(decodeLimit(COST, MACHINE, 100, 1).seconds).toBe(0);
  });

  it('of a batch reads the weights once for as few steps as there can be', () => {
    const requests = Array.from({ length: 8 }, () => ({ input_tokens: 1, output_tokens: 10 }));
    expect(batchLimit(COST, MACHINE, requests, 4).memory_s).toBeCloseTo((20 * 1e9 + 8 * (9 + 45) * 1000) / 1e10, 9);
    expect(batchLimit(COST, MACHINE, requests, 100).memory_s).toBeCloseTo((10 * 1e9 + 8 * (9 + 45) * 1000) / 1e10, 9);
  });
});

describe('the peak of a class', () => {
  const peak = (isa: string, type: string, gflops: number) => ({ isa, type, threads: 2, gflops });
  const roofline = { isas: [], cpu_features: '', threads: 2, seconds: 1, barrier_ns: 1, read: [{ level: 'DRAM', bytes_per_thread: 1, threads: 2, gbytes_per_second: 33 }], arithmetic: [peak('avx2', 'fp32', 230), peak('avx512', 'fp32', 232), peak('avx512', 'bf16', 464), peak('avx512', 'int8', 935)] };

  it('is that of the wanted type, or of a wider one', () => {
    expect(machineLimits(roofline, 'avx512', 'int8')).toEqual({ gflops: 935, arithmetic: 'avx512 int8', gbytes: 33 });
    expect(machineLimits(roofline, 'avx512', 'bf16')?.gflops).toBe(464);
    expect(machineLimits(roofline, 'avx2', 'int8')?.arithmetic).toBe('avx2 fp32');
    expect(machineLimits({ ...roofline, read: [] }, 'avx512', 'int8')).toBeUndefined();
  });
});
