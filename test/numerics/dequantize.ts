// The quantizer of docs/engine-format.md ("Quantized weights") written a second time, in plain TypeScript: a float32 checkpoint whose
// weights are what the codes stand for.
import { readFileSync, writeFileSync } from 'node:fs';

export type QFormat = 'int8_wo' | 'int8_dyn' | 'int4_wo' | 'w4a8';
interface Tensor {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** Rewrites model.safetensors (bf16) of a checkpoint in float32: layers as the format says, the LM head and a tied embedding in int8. */
export function dequantizeCheckpoint(path: string, format: QFormat, groupSize: number, isTied: boolean): void {
  const file = readFileSync(path);
  const dataStart = 8 + Number(file.readBigUInt64LE(0));
  const tensors = JSON.parse(file.toString('utf8', 8, dataStart)) as Record<string, Tensor>;
  delete tensors['__metadata__'];
  const data: Buffer[] = [];
  let end = 0;
  for (const [name, tensor] of Object.entries(tensors)) {
    if (tensor.dtype !== 'BF16') throw new Error(`${name} is ${tensor.dtype}, expected BF16`);
    const values = fromBf16(file.subarray(dataStart + tensor.data_offsets[0], dataStart + tensor.data_offsets[1]));
    const isHead = name === 'lm_head.weight' || (isTied && name === 'model.embed_tokens.weight');
    if (isHead || name.endsWith('_proj.weight')) eachRow(values, tensor.shape[1]!, (row) => dequantizeRow(row, isHead ? 'int8_wo' : format, groupSize));
    data.push(Buffer.from(values.buffer));
    tensors[name] = { dtype: 'F32', shape: tensor.shape, data_offsets: [end, (end += values.byteLength)] };
  }
  const header = Buffer.from(JSON.stringify(tensors));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(path, Buffer.concat([length, header, ...data]));
}

function fromBf16(bytes: Buffer): Float32Array {
  const words = Uint32Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readUInt16LE(2 * index) << 16);
  return new Float32Array(words.buffer);
}

function eachRow(values: Float32Array, width: number, change: (row: Float32Array) => void): void {
  for (let begin = 0; begin < values.length; begin += width) change(values.subarray(begin, begin + width));
}

function dequantizeRow(row: Float32Array, format: QFormat, groupSize: number): void {
  if (format === 'int8_wo' || format === 'int8_dyn') return replace(row, Math.fround(Math.abs(extreme(row)) / 127), -127, 127);
  const groups = Array.from({ length: Math.ceil(row.length / groupSize) }, (_, index) => row.subarray(index * groupSize, (index + 1) * groupSize));
  const scales = groups.map((group) => Math.fround(extreme(group) / -8));
  if (format === 'int4_wo') return groups.forEach((group, index) => replace(group, scales[index]!, -8, 7));
  const scale = Math.fround(Math.max(...scales.map(Math.abs)) / 15);
  for (const [index, group] of groups.entries()) {
    const ideal = scales[index]!;
    const multiplier = ideal === 0 ? 0 : nearestEven(Math.fround(ideal / scale)) || Math.sign(ideal);
    replace(group, Math.fround(scale * multiplier), -8, 7);
  }
}

function replace(weights: Float32Array, scale: number, lowest: number, highest: number): void {
  for (const [index, weight] of weights.entries()) {
    const code = scale === 0 ? 0 : Math.min(Math.max(nearestEven(Math.fround(weight / scale)), lowest), highest);
    weights[index] = code * scale;
  }
}

function extreme(weights: Float32Array): number {
  return weights.reduce((found, weight) => (Math.abs(weight) > Math.abs(found) ? weight : found), 0);
}

function nearestEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
