// Reads float32 tensors of a small safetensors file (u64 header length, JSON header, data).
import { readFileSync } from 'node:fs';

export interface Matrix {
  rows: number;
  columns: number;
  values: Float32Array;
}

export function readMatrices(path: string): Map<string, Matrix> {
  const file = readFileSync(path);
  const headerBytes = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + headerBytes)) as Record<string, { dtype: string; shape: [number, number]; data_offsets: [number, number] }>;
  const matrices = new Map<string, Matrix>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__' || entry.dtype !== 'F32') continue;
    const [begin, end] = entry.data_offsets.map((offset) => 8 + headerBytes + offset) as [number, number];
    const values = new Float32Array(file.buffer.slice(file.byteOffset + begin, file.byteOffset + end));
    matrices.set(name, { rows: entry.shape[0], columns: entry.shape[1], values });
  }
  return matrices;
}
