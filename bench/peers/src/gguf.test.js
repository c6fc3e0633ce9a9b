import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BF16, F32, fromF16, Q4_0, Q6_K, Q8_0, toBf16, toF16 } from './blocks.js';
import { ALIGNMENT, headerBytes, tensorBytes, writeGguf } from './gguf-writer.js';
import { tensorsOf } from './model-gguf.js';
import { readShape } from './shape.js';

/** @type {import('./gguf-writer.js').Tensor[]} */
const TENSORS = [
  { name: 'odd', shape: [3], type: F32 },
  { name: 'matrix', shape: [64, 5], type: Q4_0 },
];

it('a file holds its table, and each tensor at an aligned offset', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gguf-'));
  const path = join(folder, 'model.gguf');
  writeGguf(path, { name: { type: 'string', value: 'é' }, count: { type: 'u32', value: 7 } }, TENSORS, (tensor) => [
    new Uint8Array(tensorBytes(tensor)).fill(tensor.name.length),
  ]);
  const file = readFileSync(path);
  rmSync(folder, { recursive: true });

  expect(file.subarray(0, 4).toString()).toBe('GGUF');
  expect([file.readUInt32LE(4), file.readBigUInt64LE(8), file.readBigUInt64LE(16)]).toEqual([3, 2n, 2n]);
  // Key (8 + 4), type 8, length 2, two bytes of text: then the next key.
  expect(file.subarray(32, 36).toString()).toBe('name');
  expect([file.readUInt32LE(36), file.readBigUInt64LE(40), file.subarray(48, 50).toString()]).toEqual([8, 2n, 'é']);
  const tableEntry = file.indexOf('matrix') + 'matrix'.length;
  expect(file.readUInt32LE(tableEntry)).toBe(2);
  expect([file.readBigUInt64LE(tableEntry + 4), file.readBigUInt64LE(tableEntry + 12)]).toEqual([64n, 5n]);
  expect([file.readUInt32LE(tableEntry + 20), file.readBigUInt64LE(tableEntry + 24)]).toEqual([2, 32n]);

  const data = headerBytes({ name: { type: 'string', value: 'é' }, count: { type: 'u32', value: 7 } }, TENSORS).length;
  expect(data % ALIGNMENT).toBe(0);
  expect([...file.subarray(data, data + 13)]).toEqual([...Array(12).fill(3), 0]);
  expect(new Set(file.subarray(data + 32, data + 32 + 180))).toEqual(new Set([6]));
  expect(file.length).toBe(data + 32 + 192);
});

it('a tensor of the wrong size is refused by name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gguf-'));
  expect(() => writeGguf(join(folder, 'bad.gguf'), {}, TENSORS, () => [new Uint8Array(12)])).toThrow('matrix: 12 bytes written, 180 expected');
  rmSync(folder, { recursive: true });
});

const VALUES = Float32Array.from({ length: 32 }, (_, i) => 0.02 * Math.sin(1 + 7 * i));
const LARGEST = Math.max(...VALUES.map(Math.abs));

it('a Q8_0 block gives its values back to half a step', () => {
  const block = new DataView(new ArrayBuffer(Q8_0.blockBytes));
  Q8_0.encode(VALUES, 0, block, 0);
  const scale = fromF16(block.getUint16(0, true));
  VALUES.forEach((value, i) => expect(Math.abs(block.getInt8(2 + i) * scale - value)).toBeLessThan(0.5 * scale + LARGEST / 1000));
});

it('a Q4_0 block gives its values back to a step, low nibbles first', () => {
  const block = new DataView(new ArrayBuffer(Q4_0.blockBytes));
  Q4_0.encode(VALUES, 0, block, 0);
  const scale = fromF16(block.getUint16(0, true));
  VALUES.forEach((value, i) => {
    const byte = block.getUint8(2 + (i % 16));
    const nibble = i < 16 ? byte & 15 : byte >> 4;
    expect(Math.abs((nibble - 8) * scale - value)).toBeLessThan(1.001 * Math.abs(scale));
  });
});

/** By the rule of ggml's dequantize_row_q6_K. @param {DataView} block @param {number} i */
function q6kValue(block, i) {
  const [half, quarter, lane] = [Math.floor(i / 128), Math.floor((i % 128) / 32), i % 32];
  const low = (block.getUint8(half * 64 + (quarter % 2) * 32 + lane) >> (quarter < 2 ? 0 : 4)) & 15;
  const high = (block.getUint8(128 + half * 32 + lane) >> (2 * quarter)) & 3;
  return fromF16(block.getUint16(208, true)) * block.getInt8(192 + Math.floor(i / 16)) * (low + 16 * high - 32);
}

it('a Q6_K block gives its values back to a step of their group', () => {
  const values = Float32Array.from({ length: 256 }, (_, i) => 0.02 * Math.sin(1 + 7 * i) * (1 + (i >> 5)));
  const block = new DataView(new ArrayBuffer(Q6_K.blockBytes));
  Q6_K.encode(values, 0, block, 0);
  values.forEach((value, i) => expect(Math.abs(q6kValue(block, i) - value)).toBeLessThan(0.04 * 0.02 * (1 + (i >> 5))));
});

it('a block of zeros stays zero', () => {
  const zeros = new Float32Array(32);
  const block = new DataView(new ArrayBuffer(34));
  Q8_0.encode(zeros, 0, block, 0);
  expect(new Set(new Uint8Array(block.buffer))).toEqual(new Set([0]));
  Q4_0.encode(zeros, 0, block, 0);
  expect(block.getUint16(0, true)).toBe(0);
});

it('half floats round to nearest, across exponents and below the normal range', () => {
  expect([1, -2, 65504, 2 ** -14, 2 ** -24, 0].map(toF16)).toEqual([0x3c00, 0xc000, 0x7bff, 0x0400, 1, 0]);
  expect(toF16(2 - 2 ** -12)).toBe(0x4000);
  expect([0x3c00, 0xc000, 0x7bff, 1].map(fromF16)).toEqual([1, -2, 65504, 2 ** -24]);
  expect([1, -1, 1 + 2 ** -8, 1 + 3 * 2 ** -8].map(toBf16)).toEqual([0x3f80, 0xbf80, 0x3f80, 0x3f82]);
});

it('the shapes weigh what the models weigh', () => {
  const bytes = (/** @type {import('./workloads.js').Workload['shape']} */ name, /** @type {import('./model-gguf.js').FileFormat} */ format) =>
    tensorsOf(readShape(name), format).reduce((sum, tensor) => sum + tensorBytes(tensor), 0);
  expect(bytes('llama-3.2-1b', 'BF16') / 1e6).toBeCloseTo(2471.8, 0);
  expect(bytes('qwen2.5-0.5b', 'BF16') / 1e6).toBeCloseTo(988.2, 0);
  expect(tensorsOf(readShape('qwen2.5-0.5b'), 'BF16').find(({ name }) => name === 'blk.0.attn_k.bias')).toMatchObject({ shape: [128], type: F32 });
  expect(bytes('llama-3.2-1b', 'Q4_0') / 1e6).toBeCloseTo(763.3, 0);
  expect(bytes('qwen2.5-0.5b', 'Q4_0') / 1e6).toBeCloseTo(346.3, 0);
  expect(tensorsOf(readShape('llama-3.1-8b'), 'Q4_0').at(-1)).toMatchObject({ name: 'output.weight', type: Q6_K });
  expect(tensorsOf(readShape('llama-3.2-1b'), 'BF16')[0]).toMatchObject({ shape: [2048, 128256], type: BF16 });
});
