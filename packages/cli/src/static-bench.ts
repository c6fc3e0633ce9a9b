// One static benchmark: engine and dataset from flags, requests straight into a worker, the machine's limits measured beside it.
import { open, readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import {
  engineCost,
  machineLimits,
  measureRoofline,
  outputJson,
  requestJson,
  runStatic,
  staticReport,
  staticReportJson,
  type EngineCost,
  type HostInfo,
  type MachineLimits,
  type StaticProgress,
  type StaticRecord,
  type StaticReport,
  type WorldInfo,
} from '@trtllm/bench';
import { parseEngineManifest, TrtllmError, VERSION, type EngineManifest, type Graph } from '@trtllm/protocol';
import { openWorker, type EngineOptions, type OpenWorker } from '@trtllm/runtime/engine';
import { engineFor } from './engine-cache.js';
import { engineOptions } from './engine-flags.js';
import { nativeDirectory } from './native-directory.js';
import { badFlag } from './numbers.js';
import { STATIC_TARGET_ITL_MS, type StaticFlagValues } from './static-bench-flags.js';
import { requestsOf } from './static-dataset.js';
import { StaticEngine } from './static-engine.js';

/** Once before the run and once after: one alone may be disturbed, or more than a minute away. */
const ROOFLINE_SECONDS = 2;
/** The worker's own default. */
const KV_CACHE_FRACTION = 0.9;

export interface StaticBench {
  kind: 'throughput' | 'latency';
  flags: StaticFlagValues;
  /** Requests in flight at most; 0: all. */
  concurrency: number;
  warmup: number;
  streaming: boolean;
}

export interface StaticBenchHooks {
  announce: (line: string) => void;
  onProgress: (progress: StaticProgress) => void;
  signal: AbortSignal;
}

export interface StaticBenchResult {
  report: StaticReport;
  records: StaticRecord[];
  json: Record<string, unknown>;
}

export async function runStaticBench(bench: StaticBench, hooks: StaticBenchHooks): Promise<StaticBenchResult> {
  const { flags } = bench;
  const source = flags['engine-dir'] ?? flags['model-path'] ?? flags.model;
  if (source === undefined) throw badFlag('give an engine with --engine-dir DIR, or a checkpoint with --model-path DIR (or --model DIR)');
  await checkWritable([flags['report-json'], flags['request-json'], flags['output-json'], flags['iteration-log']]);
  const engine = await engineFor({ model: source, qformat: flags.qformat, announce: hooks.announce, signal: hooks.signal });
  const options = workerOptions(bench);
  const worker = await openWorker(engine, { ...options, printIteration: hooks.announce, signal: hooks.signal });
  try {
    const { manifest, cost } = await readEngine(engine, worker);
    const { records, measured } = await measure(bench, worker, cost, hooks);
    const report = staticReport(
      {
        kind: bench.kind,
        model: flags.model !== undefined && flags.model !== source ? flags.model : manifest.trtllm.model_name,
        model_path: flags['model-path'] ?? null,
        engine_dir: engine,
        version: VERSION,
        manifest,
        cost,
        world: worldOf(worker, options),
        host: host(),
        measured,
        dataset: flags.dataset ?? 'synthetic',
        concurrency: bench.concurrency,
        streaming: bench.streaming,
      },
      records,
    );
    const json = staticReportJson(report);
    await writeResults(flags, json, records, worker);
    return { report, records, json };
  } finally {
    await worker.close();
  }
}

/** A long run must not end in a file that cannot be written. */
async function checkWritable(paths: (string | undefined)[]): Promise<void> {
  for (const path of paths) {
    if (path === undefined) continue;
    const file = await open(path, 'a').catch(failedToWrite(path));
    await file.close();
  }
}

/** No prompt is taken from another's prefix, as in the reference, nor cut for others' sake; --config may say otherwise. */
function workerOptions({ kind, flags, concurrency }: StaticBench): EngineOptions {
  const options = engineOptions(flags);
  return {
    ...options,
    print_iter_log: flags['print-iter-log'],
    capacity_policy: flags['scheduler-policy'].toUpperCase(),
    enable_block_reuse: false,
    target_itl_ms: options.target_itl_ms ?? STATIC_TARGET_ITL_MS,
    enable_chunked_prefill: flags['disable-chunked-context'] ? false : options.enable_chunked_prefill,
    max_batch_size: options.max_batch_size ?? (kind === 'latency' && concurrency > 0 ? concurrency : undefined),
  };
}

/** The worker has checked both files against its own. */
async function readEngine(directory: string, { client }: OpenWorker): Promise<{ manifest: EngineManifest; cost: EngineCost }> {
  const path = join(directory, 'config.json');
  const manifest = parseEngineManifest(await readFile(path, 'utf8'), path);
  const graph = JSON.parse(await readFile(join(directory, 'graph.json'), 'utf8')) as Graph;
  return { manifest, cost: engineCost(manifest, graph, client.limits.kv_cache_dtype) };
}

async function measure({ flags, concurrency, warmup }: StaticBench, worker: OpenWorker, cost: EngineCost, hooks: StaticBenchHooks): Promise<{ records: StaticRecord[]; measured: MachineLimits[] }> {
  const requests = await requestsOf(flags, worker);
  const engine = new StaticEngine(worker, flags['eos-id']);
  const before = flags.roofline ? await limitsBeside(worker, cost, hooks.signal) : [];
  const endLog = flags['iteration-log'] === undefined ? undefined : engine.logIterations(flags['iteration-log']);
  const records = await runStatic(engine.submit, requests, { concurrency, warmup, seed: flags.seed }, hooks);
  await endLog?.();
  const after = flags.roofline ? await limitsBeside(worker, cost, hooks.signal) : [];
  return { records, measured: [...before, ...after] };
}

/** On the threads that the engine runs on, while it is idle. */
async function limitsBeside(worker: OpenWorker, cost: EngineCost, signal: AbortSignal): Promise<MachineLimits[]> {
  const { threads, isa } = worker.client.limits;
  const roofline = await measureRoofline({ executable: join(nativeDirectory(), 'trtllm-roofline'), threads, seconds: ROOFLINE_SECONDS, signal });
  const limits = machineLimits(roofline, isa, cost);
  return limits ? [limits] : [];
}

function worldOf({ client }: OpenWorker, options: EngineOptions): WorldInfo {
  const { isa, threads, kv_cache_dtype, max_batch_size, max_num_tokens, max_seq_len, capacity_policy, enable_block_reuse } = client.limits;
  return { isa, threads, kv_cache_dtype, max_batch_size, max_num_tokens, max_seq_len, scheduling_policy: capacity_policy, kv_cache_fraction: options.kv_cache_free_gpu_memory_fraction ?? KV_CACHE_FRACTION, enable_block_reuse };
}

function host(): HostInfo {
  const [cpu] = cpus();
  return { name: cpu?.model.trim() ?? 'unknown CPU', memory_gb: totalmem() / 1e9, clock_ghz: (cpu?.speed ?? 0) / 1000 };
}

async function writeResults(flags: StaticFlagValues, json: unknown, records: readonly StaticRecord[], { tokenizer }: OpenWorker): Promise<void> {
  const text = tokenizer && ((ids: readonly number[]) => tokenizer.decode(ids, { skipSpecialTokens: true }));
  if (flags['report-json'] !== undefined) await writeJson(flags['report-json'], json);
  if (flags['request-json'] !== undefined) await writeJson(flags['request-json'], requestJson(records, text));
  if (flags['output-json'] !== undefined) await writeJson(flags['output-json'], outputJson(records, text));
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`).catch(failedToWrite(path));
}

function failedToWrite(path: string): (cause: Error) => never {
  return (cause) => {
    throw new TrtllmError('IO_ERROR', `${path}: cannot be written: ${cause.message}`, { cause });
  };
}
