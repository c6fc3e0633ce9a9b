// A small static run, with round times.
import type { EngineManifest } from '@trtllm/protocol';
import type { StaticInput } from '../static/static-report.js';

const manifest = {
  pretrained_config: { dtype: 'bfloat16', mapping: { world_size: 1, tp_size: 1, pp_size: 1 }, quantization: { quant_algo: null, kv_cache_quant_algo: null } },
  build_config: { max_seq_len: 512 },
} as unknown as EngineManifest;
export const MACHINE = { gflops: 1000, arithmetic: 'avx2 fp32', gbytes: 100, level: 'DRAM', barrier_ns: 30 };
export const STATIC_INPUT: StaticInput = {
  kind: 'throughput',
  model: 'tiny',
  model_path: null,
  engine_dir: '/engines/tiny',
  version: '1.2.3',
  manifest,
  cost: { step_weight_bytes: 1e9, kv_bytes: 0, flops_per_token: 1e9, head_flops: 0, attention_flops: 0, windows: [], arithmetic: 'bf16' },
  world: { isa: 'avx2', threads: 2, kv_cache_dtype: 'int8', max_batch_size: 2, max_num_tokens: 64, max_seq_len: 512, scheduling_policy: 'GUARANTEED_NO_EVICT', kv_cache_fraction: 0.9, enable_block_reuse: false },
  host: { name: 'A CPU', memory_gb: 16, clock_ghz: 2.5 },
  measured: [MACHINE],
  dataset: 'synthetic',
  concurrency: 0,
  streaming: true,
};
/** 0: 100 ms to the first token, then one every 50 ms; 1: waits for it, one token. */
export const STATIC_RECORDS = [
  { id: 0, input_tokens: 10, output_ids: [5, 6, 7], pieces: 3, start: 1000, first: 1100, end: 1200 },
  { id: 1, input_tokens: 30, output_ids: [8], pieces: 1, start: 1100, first: 1400, end: 1400 },
];
