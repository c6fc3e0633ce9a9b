import type { EngineManifest, Graph } from '@trtllm/protocol';
import { describe, expect, it } from 'vitest';
import { engineCost, type EngineCost } from './engine-cost.js';
import { batchLimit, decodeLimit, prefillLimit, requestLimit } from './limit.js';
import { bestOf, machineLimits, steadiness } from './machine-limits.js';

const COST: EngineCost = { step_weight_bytes: 1e9, kv_bytes: 500, flops_per_token: 2e9, head_flops: 1e8, attention_flops: 5e3, windows: [{ positions: Infinity, layers: 2 }], arithmetic: 'bf16' };
const MACHINE = { gflops: 1000, arithmetic: 'avx512 bf16', gbytes: 10, level: 'DRAM', barrier_ns: 1 };

describe('what a token costs', () => {
  const manifest = (quant_algo: string | null, dtype = 'bfloat16') =>
    ({
      pretrained_config: { dtype, vocab_size: 1000, hidden_size: 64, intermediate_size: 128, num_hidden_layers: 3, num_attention_heads: 4, num_key_value_heads: 2, head_size: 16, quantization: { quant_algo } },
      trtllm: { weight_bytes: 1_000_000 },
    }) as unknown as EngineManifest;
  const graph = (window: number | `$${string}`, per_layer: Record<string, number[]> = {}): Pick<Graph, 'layers'> => ({
    layers: { count: 3, body: [{ op: 'attention', qkv: 'qkv', num_heads: 4, num_kv_heads: 2, head_dim: 16, scale: 1, window, output: 'y' }], per_layer },
  });

  it('counts linears, head, attention and KV by the shape, and takes the builder’s word for the weights', () => {
    expect(engineCost(manifest(null), graph(0))).toEqual({
      step_weight_bytes: 1_000_000,
      // q and o 64 x 64, k and v 64 x 32, gate, up and down 64 x 128; three layers, a multiply-add is two operations
      flops_per_token: 3 * 2 * (2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 128),
      head_flops: 2 * 64 * 1000,
      attention_flops: 2 * 2 * 64,
      kv_bytes: 2 * 32 * 2,
      windows: [{ positions: Infinity, layers: 3 }],
      arithmetic: 'bf16',
    });
  });

  it('knows windows, of all layers or of each', () => {
    expect(engineCost(manifest(null), graph(8)).windows).toEqual([{ positions: 8, layers: 3 }]);
    expect(engineCost(manifest(null), graph('$window', { window: [8, 0, 8] })).windows).toEqual([
      { positions: 8, layers: 2 },
      { positions: Infinity, layers: 1 },
    ]);
  });

  it('knows what is multiplied', () => {
    expect(engineCost(manifest('W4A8_QSERVE_PER_GROUP'), graph(0)).arithmetic).toBe('int8');
    expect(engineCost(manifest('W4A16'), graph(0)).arithmetic).toBe('bf16');
    expect(engineCost(manifest(null, 'float32'), graph(0))).toMatchObject({ arithmetic: 'fp32', kv_bytes: 2 * 32 * 4 });
    expect(engineCost(manifest(null), graph(0), 'int8').kv_bytes).toBe(2 * (32 + 2 * 4));
  });
});

describe('the least time', () => {
  it('of a prompt is arithmetic once it is long, the weights while it is short', () => {
    const long = prefillLimit(COST, MACHINE, { input_tokens: 512, output_tokens: 1 });
    expect(long.arithmetic_s).toBeCloseTo((512 * 2e9 + ((512 * 513) / 2) * 2 * 5e3 + 1e8) / 1e12, 12);
    expect(long.seconds).toBe(long.arithmetic_s);
    expect(prefillLimit(COST, MACHINE, { input_tokens: 1, output_tokens: 1 }).seconds).toBe(0.1);
  });

  it('of decoding is the weights and the growing KV cache, once a token after the first', () => {
    const { memory_s, seconds } = decodeLimit(COST, MACHINE, { input_tokens: 100, output_tokens: 4 });
    expect(memory_s).toBeCloseTo((3 * 1e9 + (101 + 102 + 103) * 2 * 500) / 1e10, 12);
    expect(seconds).toBe(memory_s);
    expect(decodeLimit(COST, MACHINE, { input_tokens: 100, output_tokens: 1 }).seconds).toBe(0);
  });

  it('looks back no farther than the window', () => {
    const windowed = { ...COST, windows: [{ positions: 101, layers: 1 }, { positions: Infinity, layers: 1 }] };
    const { memory_s } = decodeLimit(windowed, MACHINE, { input_tokens: 100, output_tokens: 4 });
    expect(memory_s).toBeCloseTo((3 * 1e9 + (101 + 102 + 103 + 3 * 101) * 500) / 1e10, 12);
    const { arithmetic_s } = prefillLimit({ ...COST, windows: [{ positions: 2, layers: 1 }] }, MACHINE, { input_tokens: 4, output_tokens: 1 });
    expect(arithmetic_s).toBeCloseTo((4 * 2e9 + (1 + 2 + 2 + 2) * 5e3 + 1e8) / 1e12, 15);
  });

  it('of a request alone is that of its prompt and of its tokens, one after the other', () => {
    const size = { input_tokens: 512, output_tokens: 3 };
    expect(requestLimit(COST, MACHINE, size).seconds).toBeCloseTo(prefillLimit(COST, MACHINE, size).seconds + decodeLimit(COST, MACHINE, size).seconds, 12);
  });

  it('of a batch reads the weights once for as few steps as there can be', () => {
    const requests = Array.from({ length: 8 }, () => ({ input_tokens: 1, output_tokens: 10 }));
    const kv = 8 * (9 + 45) * 2 * 500;
    expect(batchLimit(COST, MACHINE, requests, 4).memory_s).toBeCloseTo((20 * 1e9 + kv) / 1e10, 9);
    expect(batchLimit(COST, MACHINE, requests, 100).memory_s).toBeCloseTo((10 * 1e9 + kv) / 1e10, 9);
  });

  it('of a batch in one stream is not above that of its requests one by one', () => {
    const size = { input_tokens: 300, output_tokens: 20 };
    const one = requestLimit(COST, MACHINE, size);
    const batch = batchLimit(COST, MACHINE, [size, size], 1);
    expect(batch.arithmetic_s).toBeCloseTo(2 * one.arithmetic_s, 9);
    expect(batch.memory_s).toBeCloseTo(2 * one.memory_s, 9);
    expect(batch.seconds).toBeLessThan(2 * one.seconds);
  });
});

describe('the limits of a machine', () => {
  const peak = (isa: string, type: string, gflops: number) => ({ isa, type, threads: 2, gflops });
  const read = (level: string, bytes_per_thread: number, gbytes_per_second: number, threads = 2) => ({ level, bytes_per_thread, threads, gbytes_per_second });
  const roofline = {
    isas: [],
    cpu_features: '',
    threads: 2,
    seconds: 1,
    barrier_ns: 1,
    read: [read('L2', 5e5, 100, 1), read('DRAM', 5e8, 33), read('L2', 5e5, 200), read('L3', 4e6, 60)],
    arithmetic: [peak('avx2', 'fp32', 230), peak('avx512', 'fp32', 232), peak('avx512', 'bf16', 464), peak('avx512', 'int8', 935)],
  };
  const limits = (isa: string, arithmetic: EngineCost['arithmetic'], step_weight_bytes = 2e9) => machineLimits(roofline, isa, { arithmetic, step_weight_bytes });

  it('are the peak of the wanted type, or of a wider one', () => {
    expect(limits('avx512', 'int8')).toEqual({ gflops: 935, arithmetic: 'avx512 int8', gbytes: 33, level: 'DRAM', barrier_ns: 1 });
    expect(limits('avx512', 'bf16')?.gflops).toBe(464);
    expect(limits('avx2', 'int8')?.arithmetic).toBe('avx2 fp32');
    expect(limits('scalar', 'bf16')?.arithmetic).toBe('avx512 bf16');
    expect(machineLimits({ ...roofline, read: [] }, 'avx512', COST)).toBeUndefined();
  });

  it('are the bandwidth of the smallest level that holds the weights', () => {
    expect(limits('avx512', 'bf16', 1e6)).toMatchObject({ level: 'L2', gbytes: 200 });
    expect(limits('avx512', 'bf16', 8e6)).toMatchObject({ level: 'L3', gbytes: 60 });
    expect(limits('avx512', 'bf16', 8e6 + 1)).toMatchObject({ level: 'DRAM', gbytes: 33 });
  });

  it('are the best of several measurements, which may differ', () => {
    const measured = [{ ...MACHINE, gflops: 900 }, { ...MACHINE, gbytes: 8 }];
    expect(bestOf(measured)).toEqual(MACHINE);
    expect(steadiness(measured)).toBe(0.8);
    expect(bestOf([])).toBeUndefined();
  });
});
