// Times llama.cpp on one GGUF: prompts in batches of 512, then steps of one token a stream at fixed positions. Random token ids, no sampling
// (llama-bench's way, and in the peer's favour: our own figures include it).
import { loadAddon } from './llama-addon.js';
import { warmUpOf } from './workloads.js';

const BATCH = 512;

/** @typedef {import('./workloads.js').Load} Load */
/** @typedef {{ seconds: number, tokens: number }} Timing */

/** @param {{ file: string, isa: import('./llama-addon.js').Isa, threads: number, load: Load }} options @returns {Promise<import('./contestant.js').Loaded>} */
export async function openLlama({ file, isa, threads, load }) {
  const started = performance.now();
  const { addon, backend } = loadAddon(isa);
  await addon.init();
  const model = new addon.AddonModel(file, { addonExports: addon, gpuLayers: 0, useMmap: true });
  if (!(await model.init())) throw new Error(`llama.cpp did not load ${file}`);
  const { streams, inputLength, outputLength } = load;
  const context = new addon.AddonContext(model, {
    contextSize: streams * Math.ceil((inputLength + outputLength) / 256) * 256,
    batchSize: BATCH,
    sequences: streams,
    flashAttention: true,
    threads,
  });
  if (!(await context.init())) throw new Error('llama.cpp did not make a context');
  const ready_ms = performance.now() - started;
  await measure(context, warmUpOf(load));
  return { measure: () => measure(context, load), facts: { backend, ready_ms } };
}

/** @param {any} context @param {Load} load @returns {Promise<{ prefill: Timing, decode: Timing }>} */
async function measure(context, { streams, inputLength, outputLength }) {
  for (let stream = 0; stream < streams; stream++) context.disposeSequence(stream);
  const prefill = await timed(streams * inputLength, async () => {
    for (let stream = 0; stream < streams; stream++) await readPrompt(context, stream, inputLength);
  });
  // The prompt's last step gives the first token.
  const steps = outputLength - 1;
  const decode = await timed(steps * streams, async () => {
    for (let step = 0; step < steps; step++) await decodeStep(context, streams, inputLength + step);
  });
  return { prefill, decode };
}

/** @param {any} context @param {number} stream @param {number} length */
async function readPrompt(context, stream, length) {
  for (let at = 0; at < length; at += BATCH) {
    const count = Math.min(BATCH, length - at);
    const isLast = at + count === length;
    context.initBatch(count);
    context.addToBatch(stream, at, randomIds(count), Uint32Array.from(isLast ? [count - 1] : []));
    await context.decodeBatch();
  }
}

/** @param {any} context @param {number} streams @param {number} position */
async function decodeStep(context, streams, position) {
  context.initBatch(streams);
  for (let stream = 0; stream < streams; stream++) context.addToBatch(stream, position, randomIds(1), Uint32Array.of(0));
  await context.decodeBatch();
}

/** Ids that every vocabulary measured has. @param {number} count */
function randomIds(count) {
  return Uint32Array.from({ length: count }, () => 1000 + Math.floor(Math.random() * 100_000));
}

/** @param {number} tokens @param {() => Promise<void>} work @returns {Promise<Timing>} */
async function timed(tokens, work) {
  const started = performance.now();
  await work();
  return { seconds: (performance.now() - started) / 1000, tokens };
}
