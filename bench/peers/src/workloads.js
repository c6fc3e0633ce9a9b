// What is measured: one row of the table a workload, weight format and instruction set.

/** @typedef {{ inputLength: number, outputLength: number, streams: number }} Load */
/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {'llama-3.2-1b' | 'qwen2.5-0.5b' | 'llama-3.1-8b'} shape
 * @property {'prefill' | 'decode' | 'step' | 'ready' | 'memory' | 'serving'} kind
 * @property {Load} load
 * @property {number} [requests] of a serving row; its streams are the concurrency
 * @property {number[]} [bits] weight widths measured; default all
 */

/** Our `--qformat`, the peer's file of the same width, the arithmetic of our prefill. */
export const FORMATS = /** @type {const} */ ({
  bf16: { bits: 16, gguf: 'BF16', arithmetic: 'bf16' },
  int8_wo: { bits: 8, gguf: 'Q8_0', arithmetic: 'bf16' },
  int8_dyn: { bits: 8, gguf: 'Q8_0', arithmetic: 'int8' },
  int4_wo: { bits: 4, gguf: 'Q4_0', arithmetic: 'bf16' },
  w4a8: { bits: 4, gguf: 'Q4_0', arithmetic: 'int8' },
});
/** @typedef {keyof typeof FORMATS} Format */

export const ISAS = /** @type {const} */ (['best', 'amx', 'avx512', 'avx2']);

/** What each side does once before its first turn, so that files are in memory and buffers touched. @param {Load} load @returns {Load} */
export const warmUpOf = ({ inputLength }) => ({ inputLength: Math.min(inputLength, 512), outputLength: 1, streams: 1 });

/** What a row counts, and which way is better. */
export const KINDS = /** @type {const} */ ({
  prefill: { unit: 'tok/s', better: 'higher' },
  decode: { unit: 'tok/s', better: 'higher' },
  serving: { unit: 'tok/s', better: 'higher' },
  step: { unit: 'ms a step', better: 'lower' },
  ready: { unit: 'ms', better: 'lower' },
  memory: { unit: 'MB', better: 'lower' },
});

/** @param {string} name @param {Workload['shape']} shape @param {number} inputLength @returns {Workload} */
const prefill = (name, shape, inputLength) => ({ name, shape, kind: 'prefill', load: { inputLength, outputLength: 1, streams: 1 } });

/** @param {string} name @param {Workload['shape']} shape @param {number} streams @param {number} [inputLength] @returns {Workload} */
const decode = (name, shape, streams, inputLength = 128) => ({ name, shape, kind: 'decode', load: { inputLength, outputLength: 33, streams } });

/** @param {number} streams @param {number} inputLength @returns {Workload} */
const step = (streams, inputLength) => ({
  name: `step-x${streams}-ctx${inputLength}`,
  shape: 'llama-3.2-1b',
  kind: 'step',
  load: { inputLength, outputLength: 17, streams },
});

/** @param {number} streams @param {number} requests @returns {Workload} */
const serving = (streams, requests) => ({
  name: `serving-c${streams}`,
  shape: 'llama-3.2-1b',
  kind: 'serving',
  load: { inputLength: 128, outputLength: 128, streams },
  requests,
  bits: [4, 16],
});

const ONE_B = 'llama-3.2-1b';
const HALF_B = 'qwen2.5-0.5b';
const EIGHT_B = 'llama-3.1-8b';

/** @type {readonly Workload[]} */
export const WORKLOADS = [
  prefill('prefill-512', ONE_B, 512),
  prefill('prefill-2048', ONE_B, 2048),
  decode('decode-x1', ONE_B, 1),
  decode('decode-x1-ctx1024', ONE_B, 1, 1024),
  ...[8, 16, 32].map((streams) => decode(`decode-x${streams}`, ONE_B, streams)),
  prefill('qwen-prefill-512', HALF_B, 512),
  decode('qwen-decode-x1', HALF_B, 1),
  decode('qwen-decode-x32', HALF_B, 32),
  ...[prefill('8b-prefill-512', EIGHT_B, 512), decode('8b-decode-x1', EIGHT_B, 1), decode('8b-decode-x8', EIGHT_B, 8)].map((workload) => ({
    ...workload,
    bits: [4],
  })),
  serving(1, 4),
  serving(4, 24),
  serving(16, 96),
  { name: 'memory', shape: ONE_B, kind: 'memory', load: { inputLength: 128, outputLength: 33, streams: 32 } },
  { name: 'ready', shape: ONE_B, kind: 'ready', load: { inputLength: 16, outputLength: 2, streams: 1 } },
  ...[128, 1024, 4096, 8000].map((context) => step(1, context)),
  ...[4, 16, 64].map((streams) => step(streams, 128)),
];
