// What the machine allows: DRAM bandwidth over an engine's own bytes for decode, peak arithmetic for prefill.
import { FORMATS, KINDS } from './workloads.js';

/** @typedef {import('../../../packages/bench/dist/roofline.js').Roofline} Roofline */
/** @typedef {import('./rows.js').Row} Row */
/** @typedef {{ weight_bytes: number, kv_bytes_per_token: number }} EngineBytes */
/** @typedef {{ value: number, of: string }} Limit in the row's unit; the roof it stands under */

/** Undefined where no roof says anything (memory, ready, serving). @param {Row} row @param {import('./shape.js').Shape} shape @param {Roofline} roofline @param {EngineBytes} bytes @returns {Limit | undefined} */
export function limitOf(row, shape, roofline, bytes) {
  if (row.workload.kind === 'prefill') return prefillLimit(row, shape, roofline);
  if (row.workload.kind !== 'decode' && row.workload.kind !== 'step') return undefined;
  const { streams, inputLength, outputLength } = row.workload.load;
  const context = inputLength + outputLength / 2;
  const bandwidth = 1e9 * (roofline.read.find(({ level, threads }) => level === 'DRAM' && threads === roofline.threads)?.gbytes_per_second ?? NaN);
  const seconds = (streamedWeightBytes(bytes, shape) + streams * context * bytes.kv_bytes_per_token) / bandwidth;
  return { value: row.workload.kind === 'step' ? seconds * 1000 : streams / seconds, of: 'DRAM read' };
}

/** A step reads every weight but the rows of an embedding that is not also the head; those are bfloat16. @param {EngineBytes} bytes @param {import('./shape.js').Shape} shape */
function streamedWeightBytes({ weight_bytes }, shape) {
  return shape.tie_word_embeddings ? weight_bytes : weight_bytes - 2 * shape.vocab_size * shape.hidden_size;
}

/** Where the machine's report lacks the wanted type, float32 stands in; the name says so. @param {Row} row @param {import('./shape.js').Shape} shape @param {Roofline} roofline @returns {Limit | undefined} */
function prefillLimit({ workload, format, isa }, shape, roofline) {
  const wanted = FORMATS[format].arithmetic;
  const peaks = roofline.arithmetic.filter((peak) => peak.threads === roofline.threads && (isa === 'best' || peak.isa === isa));
  const typed = peaks.filter(({ type }) => type === wanted || type === 'fp32');
  const [best] = typed.sort((a, b) => b.gflops - a.gflops);
  return best && { value: (best.gflops * 1e9) / prefillFlops(shape, workload.load.inputLength), of: `${best.isa} ${best.type}` };
}

/** Floating-point operations a prompt token: linear layers without the head, and causal attention. @param {import('./shape.js').Shape} shape @param {number} length */
export function prefillFlops(shape, length) {
  const headSize = shape.head_dim ?? shape.hidden_size / shape.num_attention_heads;
  const attended = shape.num_attention_heads * headSize;
  const linear = shape.hidden_size * (2 * attended + 2 * shape.num_key_value_heads * headSize + 3 * shape.intermediate_size);
  return shape.num_hidden_layers * (2 * linear + 2 * attended * length);
}

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length === 0 ? NaN : sorted.length % 2 ? Number(sorted[half]) : (Number(sorted[half - 1]) + Number(sorted[half])) / 2;
}

/** How many times better than the other: above 1 is better, whichever way the unit counts. @param {Row['workload']['kind']} kind @param {number | null} value @param {number | null} other */
export function timesBetter(kind, value, other) {
  if (value === null || other === null) return null;
  return KINDS[kind].better === 'higher' ? value / other : other / value;
}
