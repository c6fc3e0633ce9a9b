// Times our engine on one load, through the worker's socket as the server does: prompts are submitted together; decode is what arrives
// while every stream is past its first token and none has ended.
import { warmUpOf } from './workloads.js';
import { openWorker } from '../../../packages/runtime/dist/open-worker.js';

/** @typedef {import('./workloads.js').Load} Load */
/** @typedef {import('./llama.js').Timing} Timing */
/** @typedef {import('../../../packages/runtime/dist/index.js').WorkerClient} WorkerClient */

/** @param {{ engine: string, nativeDirectory: string, isa: string, threads: number, load: Load }} options @returns {Promise<import('./contestant.js').Loaded>} */
export async function openOurs({ engine, nativeDirectory, isa, threads, load }) {
  const started = performance.now();
  const { client } = await openWorker(engine, {
    nativeDirectory,
    threads,
    isa: isa === 'best' ? undefined : isa,
    max_seq_len: load.inputLength + load.outputLength,
    target_itl_ms: 0, // all streams' prompts first, then all generate
    max_batch_size: Math.max(load.streams, 32),
    max_num_tokens: 2048, // buffers of a step are in the memory row
  });
  const ready_ms = performance.now() - started;
  await measure(client, warmUpOf(load));
  const { weight_bytes, block_bytes, tokens_per_block, isa: backend } = client.limits;
  return {
    measure: () => measure(client, load),
    facts: { backend, ready_ms, pid: client.pid, weight_bytes, kv_bytes_per_token: block_bytes / tokens_per_block },
  };
}

/** @param {WorkerClient} client @param {Load} load @returns {Promise<{ prefill: Timing, decode: Timing }>} */
async function measure(client, { inputLength, outputLength, streams }) {
  const started = performance.now();
  const arrivals = await Promise.all(Array.from({ length: streams }, () => arrivalsOf(client, inputLength, outputLength)));
  const allRunning = Math.max(...arrivals.map((times) => times[0] ?? 0));
  const firstEnd = Math.min(...arrivals.map((times) => times.at(-1) ?? 0));
  const between = arrivals.flat().filter((time) => time > allRunning && time <= firstEnd).length;
  return {
    prefill: { seconds: (allRunning - started) / 1000, tokens: streams * inputLength },
    decode: { seconds: (firstEnd - allRunning) / 1000, tokens: between },
  };
}

/** When each token of one random prompt's answer arrived. @param {WorkerClient} client @param {number} inputLength @param {number} outputLength */
async function arrivalsOf(client, inputLength, outputLength) {
  const prompt_ids = Array.from({ length: inputLength }, () => 1000 + Math.floor(Math.random() * 100_000));
  /** @type {number[]} */
  const times = [];
  for await (const { token_ids } of client.submit({ prompt_ids, max_tokens: outputLength, sampling: { temperature: 0 }, stop_token_ids: [] }))
    times.push(...token_ids.map(() => performance.now()));
  return times;
}
