// Distances between two sets of logits [tokens, vocab].
import type { Matrix } from './safetensors.js';

/** max |a - b| / max |b| over all matrices together. */
export function maxRelativeError(found: Matrix[], golden: Matrix[]): number {
  let error = 0;
  let largest = 0;
  for (const [index, { values }] of golden.entries()) {
    const other = found[index]!.values;
    for (let i = 0; i < values.length; i++) {
      error = Math.max(error, Math.abs(values[i]! - other[i]!));
      largest = Math.max(largest, Math.abs(values[i]!));
      if (!Number.isFinite(other[i]!)) return Infinity;
    }
  }
  return error / largest;
}

/** Mean over all tokens of KL(golden || found) in nats, summed in double precision. */
export function meanKl(found: Matrix[], golden: Matrix[]): number {
  let sum = 0;
  let tokens = 0;
  for (const [index, { rows, columns, values }] of golden.entries()) {
    for (let row = 0; row < rows; row++) {
      const p = logSoftmax(values.subarray(row * columns, (row + 1) * columns));
      const q = logSoftmax(found[index]!.values.subarray(row * columns, (row + 1) * columns));
      for (let i = 0; i < columns; i++) sum += Math.exp(p[i]!) * (p[i]! - q[i]!);
      tokens++;
    }
  }
  return sum / tokens;
}

function logSoftmax(logits: Float32Array): Float64Array {
  let largest = -Infinity;
  for (const logit of logits) largest = Math.max(largest, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  return Float64Array.from(logits, (logit) => logit - largest - Math.log(sum));
}
