import { expect, it } from 'vitest';
import { limitOf, median, prefillFlops, timesBetter } from './limits.js';
import { rowsOf } from './rows.js';
import { readShape } from './shape.js';

const SHAPE = readShape('llama-3.2-1b');
/** @type {import('./limits.js').Roofline} */
const ROOFLINE = {
  isas: ['avx2', 'avx512', 'amx'],
  cpu_features: '',
  threads: 2,
  seconds: 1,
  arithmetic: [
    { isa: 'avx2', type: 'fp32', threads: 2, gflops: 200 },
    { isa: 'avx512', type: 'fp32', threads: 2, gflops: 400 },
    { isa: 'amx', type: 'bf16', threads: 2, gflops: 5000 },
    { isa: 'amx', type: 'bf16', threads: 1, gflops: 9999 },
    { isa: 'amx', type: 'int8', threads: 2, gflops: 10000 },
  ],
  read: [
    { level: 'DRAM', bytes_per_thread: 1e9, threads: 1, gbytes_per_second: 15 },
    { level: 'DRAM', bytes_per_thread: 1e9, threads: 2, gbytes_per_second: 30 },
  ],
  barrier_ns: 0,
};
const BYTES = { weight_bytes: 3e9, kv_bytes_per_token: 32768 };

/** @param {string} only @param {string} format @param {string} [isa] */
function limit(only, format, isa = 'best') {
  const [row] = rowsOf({ only: [only], formats: [format], isas: [isa] });
  if (!row) throw new Error('no such row');
  return limitOf(row, readShape(row.workload.shape), ROOFLINE, BYTES);
}

it('decode stands under the bandwidth over weights and KV cache', () => {
  const seconds = (3e9 + 16 * 144.5 * 32768) / 30e9;
  expect(limit('decode-x16', 'bf16')?.value).toBeCloseTo(16 / seconds);
  expect(limit('step-x16-ctx128', 'bf16')?.value).toBeCloseTo((1000 * (3e9 + 16 * 136.5 * 32768)) / 30e9);
});

it('an embedding that is not the head is not streamed', () => {
  const { vocab_size, hidden_size } = readShape('llama-3.1-8b');
  const streamed = 3e9 - 2 * vocab_size * hidden_size;
  expect(limit('8b-decode-x1', 'w4a8')?.value).toBeCloseTo(30e9 / (streamed + 144.5 * 32768));
});

it('prefill stands under the arithmetic of its type, of the instruction set asked for', () => {
  expect(prefillFlops(SHAPE, 512) / 1e9).toBeCloseTo(1.98, 2);
  expect(limit('prefill-512', 'bf16')).toEqual({ value: 5e12 / prefillFlops(SHAPE, 512), of: 'amx bf16' });
  expect(limit('prefill-512', 'w4a8')?.of).toBe('amx int8');
  expect(limit('prefill-512', 'int4_wo', 'avx2')).toEqual({ value: 2e11 / prefillFlops(SHAPE, 512), of: 'avx2 fp32' });
});

it('memory, ready time and serving have no roof', () => {
  expect([limit('memory', 'bf16'), limit('ready', 'bf16'), limit('serving-c4', 'bf16')]).toEqual([undefined, undefined, undefined]);
});

it('a ratio above 1 is better, whichever way the unit counts', () => {
  expect(timesBetter('decode', 30, 10)).toBe(3);
  expect(timesBetter('ready', 400, 900)).toBe(2.25);
  expect(timesBetter('decode', 30, null)).toBeNull();
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
});
