import { describe, expect, it } from 'vitest';
import { parseConfigFile } from './config-file.js';

const parse = (text: string) => parseConfigFile(text, 'options.yaml');

describe('the options file', () => {
  it('sets what its sections say', () => {
    const text = `
max_batch_size: 8
max_seq_len: null
enable_chunked_prefill: false
kv_cache_config: {enable_block_reuse: false, max_tokens: 4096, free_gpu_memory_fraction: 0.5, dtype: int8}
scheduler_config: {capacity_scheduler_policy: MAX_UTILIZATION}
tensor_parallel_size: 1
print_iter_log: true
`;
    expect(parse(text)).toEqual({
      max_batch_size: 8,
      enable_chunked_context: false,
      enable_block_reuse: false,
      kv_max_tokens: 4096,
      kv_fraction: 0.5,
      kv_cache_dtype: 'int8',
      capacity_policy: 'MAX_UTILIZATION',
      print_iter_log: true,
    });
    expect(parse('')).toEqual({});
  });

  it.each([
    ['max_batchsize: 8', 'options.yaml: unknown option max_batchsize; known: max_batch_size'],
    ['kv_cache_config: {max_token: 1}', 'unknown option kv_cache_config.max_token'],
    ['__proto__: 1', 'unknown option __proto__'],
    ['tensor_parallel_size: 2', 'tensor_parallel_size: 2 is not supported yet'],
    ['kv_cache_config: {dtype: fp8}', 'kv_cache_config.dtype: '],
    ['max_batch_size: 0', 'max_batch_size: '],
    ['max_batch_size: "8"', 'max_batch_size: '],
    ['kv_cache_config: {free_gpu_memory_fraction: .nan}', 'kv_cache_config.free_gpu_memory_fraction: '],
    ['kv_cache_config: 3', 'kv_cache_config: '],
    ['scheduler_config: {capacity_scheduler_policy: FAST}', 'scheduler_config.capacity_scheduler_policy: '],
    ['- 1', 'expected a mapping'],
    ['a: [', 'is not valid YAML'],
  ])('refuses %s by name', (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});
