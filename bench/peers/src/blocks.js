// Weights as GGUF stores them. Quantized blocks hold 32 values of one row behind an f16 scale (block_q8_0, block_q4_0 and block_q6_K of
// ggml-common.h; the last in blocks of 256).

export const BLOCK_VALUES = 32;

/**
 * @typedef {object} TensorType
 * @property {number} ggmlType number in the file
 * @property {number} blockValues values a block
 * @property {number} blockBytes
 * @property {(values: Float32Array, at: number, out: DataView, outAt: number) => void} encode one block
 */

/** @type {TensorType} */
export const F32 = { ggmlType: 0, blockValues: 1, blockBytes: 4, encode: (values, at, out, outAt) => out.setFloat32(outAt, values[at] ?? 0, true) };

/** @type {TensorType} */
export const BF16 = { ggmlType: 30, blockValues: 1, blockBytes: 2, encode: (values, at, out, outAt) => out.setUint16(outAt, toBf16(values[at] ?? 0), true) };

/** @type {TensorType} f16 scale, then 32 × s8 */
export const Q8_0 = {
  ggmlType: 8,
  blockValues: BLOCK_VALUES,
  blockBytes: 34,
  encode(values, at, out, outAt) {
    const scale = Math.abs(largest(values, at)) / 127;
    out.setUint16(outAt, toF16(scale), true);
    for (let i = 0; i < BLOCK_VALUES; i++) out.setInt8(outAt + 2 + i, scale ? Math.round((values[at + i] ?? 0) / scale) : 0);
  },
};

/** @type {TensorType} f16 scale, then 16 bytes: value i in the low nibble of byte i, value i + 16 in its high nibble, both offset by 8 */
export const Q4_0 = {
  ggmlType: 2,
  blockValues: BLOCK_VALUES,
  blockBytes: 18,
  encode(values, at, out, outAt) {
    const scale = largest(values, at) / -8;
    const nibble = (/** @type {number} */ i) => (scale ? Math.min(15, Math.floor((values[at + i] ?? 0) / scale + 8.5)) : 8);
    out.setUint16(outAt, toF16(scale), true);
    for (let i = 0; i < 16; i++) out.setUint8(outAt + 2 + i, nibble(i) | (nibble(i + 16) << 4));
  },
};

/**
 * 256 values in 16 groups, each with an s8 scale; six bits a value, offset by 32: 128 bytes of low nibbles, 64 of high pairs, 16 scales,
 * one f16 that multiplies the scales. Each half of 128 values lies as four quarters of 32 that share its bytes.
 * @type {TensorType}
 */
export const Q6_K = {
  ggmlType: 14,
  blockValues: 256,
  blockBytes: 210,
  encode(values, at, out, outAt) {
    const scales = Array.from({ length: 16 }, (_, group) => largest(values, at + 16 * group, 16) / -32);
    const unit = Math.max(...scales.map(Math.abs)) / 127;
    new Uint8Array(out.buffer, out.byteOffset + outAt, 192).fill(0);
    scales.forEach((scale, group) => out.setInt8(outAt + 192 + group, unit ? Math.round(scale / unit) : 0));
    out.setUint16(outAt + 208, toF16(unit), true);
    for (let i = 0; i < 256; i++) {
      const step = unit * out.getInt8(outAt + 192 + (i >> 4));
      const code = step ? Math.max(0, Math.min(63, Math.round((values[at + i] ?? 0) / step) + 32)) : 32;
      const [half, quarter, lane] = [i >> 7, (i >> 5) & 3, i & 31];
      const low = outAt + 64 * half + 32 * (quarter & 1) + lane;
      const high = outAt + 128 + 32 * half + lane;
      out.setUint8(low, out.getUint8(low) | ((code & 15) << (4 * (quarter >> 1))));
      out.setUint8(high, out.getUint8(high) | ((code >> 4) << (2 * quarter)));
    }
  },
};

/** The value of greatest magnitude, with its sign. @param {Float32Array} values @param {number} at @param {number} [count] */
function largest(values, at, count = BLOCK_VALUES) {
  let found = 0;
  for (let i = at; i < at + count; i++) if (Math.abs(values[i] ?? 0) > Math.abs(found)) found = values[i] ?? 0;
  return found;
}

const bits = new DataView(new ArrayBuffer(4));

/** To nearest, ties to even. @param {number} value */
export function toBf16(value) {
  bits.setFloat32(0, value);
  const word = bits.getUint32(0);
  return (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
}

/** Ties away from zero: enough for a scale. Finite values below 65,504. @param {number} value */
export function toF16(value) {
  const sign = value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size < 2 ** -14) return sign | Math.round(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  return sign | (((exponent + 15) << 10) + Math.round((size / 2 ** exponent - 1) * 1024));
}

/** @param {number} half */
export function fromF16(half) {
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return half & 0x8000 ? -size : size;
}
