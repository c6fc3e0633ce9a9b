// Times the tactics of an engine's linears on this machine, with the native tuner. What it finds lies beside the weights, where the worker
// looks for it; timings of other machines may lie in the same file.
import { access, constants, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { TrtllmError } from '@trtllm/protocol';
import { exists } from './input-file.js';
import { detectModelKind } from './model-kind.js';
import { runNativeTool } from './native-tool.js';
import { writeSynced } from './output-directory.js';

const TIMING_CACHE = 'timing-cache.json';

export interface TimingFiles {
  /** A timing cache: what is in it is not timed again. It goes before the engine's own. Where there is no such file it is ignored, as trtllm-build does: scripts give one path as input and output. */
  input_timing_cache?: string | undefined;
  /** Where a copy of the engine's timing cache goes. */
  output_timing_cache?: string | undefined;
}

export interface TimingRequest extends TimingFiles {
  engine_dir: string;
  /** Default: the cores this process may use, as for the worker. */
  threads?: number | undefined;
  /** Default: the best this machine has. */
  isa?: string | undefined;
  /** What is not timed by then keeps its default. Default: 60. */
  max_seconds?: number | undefined;
  /** Time all again; the engine's timing cache is replaced. */
  force?: boolean | undefined;
  onProgress?: ((progress: TacticProgress) => void) | undefined;
  /** Ends the timing; the engine's timing cache stays as it was. */
  signal?: AbortSignal | undefined;
  /** Where trtllm-tuner is. */
  nativeDirectory: string;
}

/** Counts are of linears × numbers of rows. */
export interface TacticProgress {
  done: number;
  total: number;
  linear: string;
  rows: number;
}

/** A linear whose default is not its fastest tactic. */
export interface TacticGain {
  linear: string;
  rows: number;
  tactic: string;
  us: number;
  default_us: number;
}

export interface TacticTimings {
  /** The file with them. */
  timing_cache: string;
  timed: number;
  /** Found in a timing cache. */
  reused: number;
  /** For want of time. */
  left: number;
  /** Of those timed: not at their defaults any more. */
  changed: number;
  seconds: number;
  /** Of those timed. */
  gains: TacticGain[];
}

export async function timeTactics(request: TimingRequest): Promise<TacticTimings> {
  const { engine_dir, output_timing_cache } = request;
  await checkEngine(engine_dir);
  await checkWritable(engine_dir);
  if (output_timing_cache !== undefined) await checkWritable(dirname(output_timing_cache));
  const timing_cache = join(resolve(engine_dir), TIMING_CACHE);
  const timings = await runNativeTool<TacticProgress, Omit<TacticTimings, 'timing_cache'>>({
    nativeDirectory: request.nativeDirectory,
    tool: 'trtllm-tuner',
    args: await tunerArgs(request, timing_cache),
    onProgress: request.onProgress ?? (() => {}),
    signal: request.signal,
  });
  if (output_timing_cache !== undefined) await copyOut(timing_cache, output_timing_cache);
  return { timing_cache, ...timings };
}

/** Reads the input timing cache; what it returns writes it again if it is gone, with an engine that a build has replaced. */
export async function keepInput({ input_timing_cache: path }: TimingFiles): Promise<() => Promise<void>> {
  const text = path === undefined ? undefined : await readFile(path).catch(() => undefined); // the tuner tells why it cannot be read
  return async () => {
    if (path === undefined || text === undefined || (await exists(path))) return;
    await mkdir(dirname(path), { recursive: true });
    await writeSynced(path, text);
  };
}

/** Whether a build times its engine. */
export function isTimed({ input_timing_cache, output_timing_cache }: TimingFiles): boolean {
  return input_timing_cache !== undefined || output_timing_cache !== undefined;
}

async function checkEngine(directory: string): Promise<void> {
  if ((await detectModelKind(directory)) !== 'engine')
    throw new TrtllmError('ENGINE_NOT_FOUND', `${directory} is a checkpoint; give an engine built of it: \`trtllm build --model ${directory} --output_dir ENGINE\``);
}

/** Timing must not end in a file that cannot be written. */
async function checkWritable(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.W_OK);
  } catch (cause) {
    throw new TrtllmError('IO_ERROR', `${directory}: no timing cache can be written there: ${(cause as Error).message}`, { cause });
  }
}

async function tunerArgs({ engine_dir, input_timing_cache, threads, isa, max_seconds, force }: TimingRequest, timingCache: string): Promise<string[]> {
  const isReused = !force && (await exists(timingCache)), hasInput = input_timing_cache !== undefined && (await exists(input_timing_cache));
  const flags = [
    ['--engine', engine_dir],
    ['--output', timingCache],
    ['--input', isReused ? timingCache : undefined],
    ['--input', hasInput ? input_timing_cache : undefined],
    ['--threads', threads],
    ['--isa', isa],
    ['--seconds', max_seconds],
  ] as const;
  return flags.flatMap(([flag, value]) => (value === undefined ? [] : [flag, String(value)]));
}

async function copyOut(source: string, target: string): Promise<void> {
  try {
    await copyWhole(source, target);
  } catch (cause) {
    throw new TrtllmError('IO_ERROR', `${target}: ${(cause as Error).message}; the timings are in ${source}`, { cause });
  }
}

async function copyWhole(source: string, target: string): Promise<void> {
  const temporary = `${target}.tmp-${process.pid}`;
  try {
    await writeSynced(temporary, await readFile(source));
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
