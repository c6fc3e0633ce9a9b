// Writes a GGUF version 3 file: header, metadata, tensor table, then each tensor's bytes at a multiple of 32. Little-endian throughout.
import { closeSync, openSync, writeSync } from 'node:fs';

/** @typedef {import('./blocks.js').TensorType} TensorType */
/** @typedef {{ type: 'u32' | 'f32', value: number } | { type: 'string', value: string }} MetadataValue */
/**
 * @typedef {object} Tensor
 * @property {string} name
 * @property {number[]} shape fastest dimension first, as GGUF counts: [inputs, outputs]
 * @property {TensorType} type
 */

export const ALIGNMENT = 32;
const VALUE_TYPE = { u32: 4, f32: 6, string: 8 };

/** @param {Tensor} tensor */
export function tensorBytes({ shape, type }) {
  return (shape.reduce((a, b) => a * b, 1) / type.blockValues) * type.blockBytes;
}

/** @param {number} bytes */
export function aligned(bytes) {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/**
 * @param {string} path
 * @param {Record<string, MetadataValue>} metadata
 * @param {Tensor[]} tensors
 * @param {(tensor: Tensor) => Iterable<Uint8Array>} bytesOf exactly tensorBytes(tensor), in pieces
 */
export function writeGguf(path, metadata, tensors, bytesOf) {
  const file = openSync(path, 'w');
  try {
    writeAll(file, headerBytes(metadata, tensors));
    for (const tensor of tensors) {
      let written = 0;
      for (const piece of bytesOf(tensor)) written += writeAll(file, piece);
      if (written !== tensorBytes(tensor)) throw new Error(`${tensor.name}: ${written} bytes written, ${tensorBytes(tensor)} expected`);
      writeAll(file, new Uint8Array(aligned(written) - written));
    }
  } finally {
    closeSync(file);
  }
}

/** @param {number} file @param {Uint8Array} bytes */
function writeAll(file, bytes) {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  return bytes.length;
}

/** @param {Record<string, MetadataValue>} metadata @param {Tensor[]} tensors */
export function headerBytes(metadata, tensors) {
  const entries = Object.entries(metadata);
  const parts = [Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(entries.length)];
  for (const [key, value] of entries) parts.push(text(key), u32(VALUE_TYPE[value.type]), valueBytes(value));
  let offset = 0;
  for (const tensor of tensors) {
    parts.push(text(tensor.name), u32(tensor.shape.length), ...tensor.shape.map(u64), u32(tensor.type.ggmlType), u64(offset));
    offset += aligned(tensorBytes(tensor));
  }
  const header = Buffer.concat(parts);
  return Buffer.concat([header, Buffer.alloc(aligned(header.length) - header.length)]);
}

/** @param {MetadataValue} value */
function valueBytes(value) {
  if (value.type === 'string') return text(value.value);
  if (value.type === 'u32') return u32(value.value);
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value.value);
  return bytes;
}

/** @param {number} value */
function u32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** @param {number} value */
function u64(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** @param {string} value */
function text(value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}
