// One static benchmark: engine and dataset from flags, requests straight into a worker, the machine's limits measured beside it.
import { createWriteStream, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import {
  engineCost,
  machineLimits,
  measureRoofline,
  outputJson,
  readStaticDataset,
  requestJson,
  runStatic,
  staticReport,
  staticReportJson,
  syntheticRequests,
  type MachineLimits,
  type StaticProgress,
  type StaticReport,
  type StaticRequest,
  type SubmitStatic,
} from '@trtllm/bench';
import { parseEngineManifest, TrtllmError, type EngineManifest } from '@trtllm/protocol';
import { openWorker, type OpenWorker } from '@trtllm/runtime/engine';
import { engineFor } from './engine-cache.js';
import { engineOptions } from './engine-flags.js';
import { nativeDirectory } from './native-directory.js';
import { badFlag } from './numbers.js';
import type { StaticFlagValues } from './static-bench-flags.js';
import { VERSION } from './run.js';

const SYNTHETIC_REQUESTS = 100;
const SYNTHETIC_LENGTH = 128;
const ROOFLINE_SECONDS = 4;

export interface StaticBench {
  kind: 'throughput' | 'latency';
  flags: StaticFlagValues;
  concurrency: number;
  warmup: number;
  streaming: boolean;
}

export interface StaticBenchHooks {
  announce: (line: string) => void;
  onProgress: (progress: StaticProgress) => void;
  signal: AbortSignal;
}

export async function runStaticBench(bench: StaticBench, hooks: StaticBenchHooks): Promise<{ report: StaticReport; json: Record<string, unknown> }> {
  const { flags } = bench;
  const engine = await engineFor({ model: engineSource(flags), announce: hooks.announce, signal: hooks.signal });
  const manifest = parseEngineManifest(readFileSync(`${engine}/config.json`, 'utf8'), `${engine}/config.json`);
  const options = { ...engineOptions(flags), capacity_policy: flags['scheduler-policy'].toUpperCase() };
  if (bench.kind === 'latency') options.max_batch_size = bench.concurrency > 0 ? bench.concurrency : options.max_batch_size;
  const worker = await openWorker(engine, { ...options, signal: hooks.signal });
  try {
    const requests = await requestsOf(flags, manifest, worker);
    refuseLong(requests, worker.client.limits.max_seq_len);
    const machine = flags.roofline ? await limitsBeside(worker, manifest, hooks.signal) : undefined;
    const log = flags['iteration-log'] === undefined ? undefined : iterationLog(flags['iteration-log'], worker);
    const records = await runStatic(submitTo(worker, flags['eos-id']), requests, { concurrency: bench.concurrency, warmup: bench.warmup, seed: flags.seed }, hooks);
    await log?.end();
    const { isa, threads, max_batch_size, max_num_tokens, max_seq_len, capacity_policy } = worker.client.limits;
    const world = { isa, threads, max_batch_size, max_num_tokens, max_seq_len, scheduling_policy: capacity_policy, kv_cache_fraction: options.kv_cache_free_gpu_memory_fraction ?? 0.9 };
    const dataset = flags.dataset ?? 'synthetic';
    const report = staticReport({ kind: bench.kind, manifest, engine_dir: engine, version: VERSION, world, machine, dataset, concurrency: bench.concurrency, streaming: bench.streaming, records });
    const json = staticReportJson(report);
    const text = worker.tokenizer && ((ids: readonly number[]) => worker.tokenizer!.decode(ids, { skipSpecialTokens: true }));
    if (flags['report-json'] !== undefined) await writeJson(flags['report-json'], json);
    if (flags['request-json'] !== undefined) await writeJson(flags['request-json'], requestJson(records, text));
    if (flags['output-json'] !== undefined) await writeJson(flags['output-json'], outputJson(records, text));
    return { report, json };
  } finally {
    await worker.close();
  }
}

function engineSource(flags: StaticFlagValues): string {
  const source = flags['engine-dir'] ?? flags['model-path'] ?? flags.model;
  if (source === undefined) throw badFlag('give an engine with --engine-dir DIR, or a checkpoint with --model-path DIR (or --model DIR)');
  return source;
}

async function requestsOf(flags: StaticFlagValues, manifest: EngineManifest, { tokenizer, eos_token_ids }: OpenWorker): Promise<StaticRequest[]> {
  if (flags.dataset !== undefined) {
    const encode = tokenizer && ((text: string) => tokenizer.encode(text, { addSpecialTokens: true }));
    return readStaticDataset(flags.dataset, encode, flags['num-requests']);
  }
  if (flags['dataset-type'] === undefined && flags['num-requests'] === 0) throw badFlag('give --dataset FILE (trtllm bench prepare-dataset writes one), or --dataset-type synthetic');
  return syntheticRequests({
    count: flags['num-requests'] || SYNTHETIC_REQUESTS,
    input: { mean: flags['target-input-len'] ?? SYNTHETIC_LENGTH, deviation: 0 },
    output: { mean: flags['target-output-len'] ?? SYNTHETIC_LENGTH, deviation: 0 },
    vocab_size: manifest.pretrained_config.vocab_size,
    excluded_ids: eos_token_ids,
    seed: flags.seed,
  });
}

function refuseLong(requests: readonly StaticRequest[], maxSeqLen: number): void {
  for (const { id, input_ids, output_tokens } of requests) {
    const length = input_ids.length + output_tokens;
    if (length > maxSeqLen) throw badFlag(`request ${id}: ${input_ids.length} + ${output_tokens} tokens are more than the engine's ${maxSeqLen} (--max-seq-len of trtllm build)`);
  }
}

/** The roofline of the threads that the engine runs on, in the minute of the run; the worker is idle meanwhile. */
async function limitsBeside(worker: OpenWorker, manifest: EngineManifest, signal: AbortSignal): Promise<MachineLimits | undefined> {
  const { threads, isa } = worker.client.limits;
  const roofline = await measureRoofline({ executable: `${nativeDirectory()}/trtllm-roofline`, threads, seconds: ROOFLINE_SECONDS, signal });
  return machineLimits(roofline, isa, engineCost(manifest).arithmetic);
}

/** A salt of its own for each request: nothing is taken from another's prefix. */
function submitTo(worker: OpenWorker, eosId: number): SubmitStatic {
  let salt = 0;
  return async function* (request, signal) {
    const stream = worker.client.submit(
      { prompt_ids: request.input_ids, max_tokens: request.output_tokens, sampling: { temperature: 0 }, stop_token_ids: eosId < 0 ? [] : [eosId], cache_salt: `static-${salt++}` },
      signal,
    );
    for await (const { token_ids, finish } of stream) {
      if (finish === 'cancelled') throw signal.reason;
      yield token_ids;
    }
  };
}

function iterationLog(path: string, worker: OpenWorker): { end: () => Promise<void> } {
  const file = createWriteStream(path);
  const failed = finished(file).catch((cause: Error) => {
    throw new TrtllmError('IO_ERROR', `--iteration-log ${path}: ${cause.message}`, { cause });
  });
  failed.catch(() => {});
  worker.client.onStats = ({ records }) => {
    for (const record of records) file.write(`${JSON.stringify(record)}\n`);
  };
  return {
    end: async () => {
      worker.client.onStats = () => {};
      file.end();
      await failed;
    },
  };
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`).catch((cause: Error) => {
    throw new TrtllmError('IO_ERROR', `${path}: ${cause.message}`, { cause });
  });
}
