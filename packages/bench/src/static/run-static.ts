// The static load: requests straight into an engine, so many in flight, no server between.
import { setMaxListeners } from 'node:events';
import { TrtllmError } from '@trtllm/protocol';
import { monotonicMs } from '../client/timeline.js';
import { seededRandom } from '../plan/seeded-random.js';
import type { StaticRequest } from './static-request.js';

export interface StaticPiece {
  /** When the engine had these tokens, in milliseconds of the monotonic clock. */
  time: number;
  token_ids: readonly number[];
}

/** The engine under test: the tokens of a request as they come. */
export type SubmitStatic = (request: StaticRequest, signal: AbortSignal) => AsyncIterable<StaticPiece>;

export interface StaticRecord {
  id: number;
  input_tokens: number;
  output_ids: number[];
  /** Pieces that the tokens came in. */
  pieces: number;
  /** Milliseconds of the monotonic clock; start is taken once the request has its slot. */
  start: number;
  first: number;
  end: number;
}

export interface StaticLoad {
  /** Requests in flight at most; 0: all at once. */
  concurrency: number;
  /** Uncounted requests before, drawn from the dataset. */
  warmup: number;
  seed: number;
}

export interface StaticProgress {
  phase: 'warmup' | 'run';
  done: number;
  total: number;
  output_tokens: number;
  elapsed_s: number;
}

export interface StaticHooks {
  signal: AbortSignal;
  onProgress: (progress: StaticProgress) => void;
}

/** Records in the order of their ends. A failed request ends the run: its error is thrown, the others are aborted. */
export async function runStatic(submit: SubmitStatic, requests: readonly StaticRequest[], load: StaticLoad, hooks: StaticHooks): Promise<StaticRecord[]> {
  const random = seededRandom(load.seed, 'warmup');
  const warmup = Array.from({ length: load.warmup }, () => requests[random.integer(0, requests.length - 1)]!);
  if (warmup.length > 0) await runPhase('warmup', submit, warmup, load.concurrency, hooks);
  return runPhase('run', submit, requests, load.concurrency, hooks);
}

async function runPhase(phase: StaticProgress['phase'], submit: SubmitStatic, requests: readonly StaticRequest[], concurrency: number, hooks: StaticHooks): Promise<StaticRecord[]> {
  const records: StaticRecord[] = [];
  const failure = new AbortController();
  const signal = AbortSignal.any([hooks.signal, failure.signal]);
  setMaxListeners(0, signal); // one a request in flight
  const begin = monotonicMs();
  let next = 0;
  let tokens = 0;
  const report = () => hooks.onProgress({ phase, done: records.length, total: requests.length, output_tokens: tokens, elapsed_s: (monotonicMs() - begin) / 1000 });
  const slot = async () => {
    while (next < requests.length && !signal.aborted) {
      records.push(await runOne(submit, requests[next++]!, signal, (count) => ((tokens += count), report())));
      report();
    }
  };
  const slots = concurrency > 0 ? Math.min(concurrency, requests.length) : requests.length;
  await Promise.all(
    Array.from({ length: slots }, () =>
      slot().catch((error: unknown) => {
        failure.abort(error);
        throw error;
      }),
    ),
  );
  hooks.signal.throwIfAborted();
  return records;
}

async function runOne(submit: SubmitStatic, request: StaticRequest, signal: AbortSignal, onTokens: (count: number) => void): Promise<StaticRecord> {
  const record: StaticRecord = { id: request.id, input_tokens: request.input_ids.length, output_ids: [], pieces: 0, start: monotonicMs(), first: NaN, end: NaN };
  for await (const { time, token_ids } of submit(request, signal)) {
    if (token_ids.length === 0) continue;
    if (record.output_ids.length === 0) record.first = time;
    record.end = time;
    record.output_ids.push(...token_ids);
    record.pieces++;
    onTokens(token_ids.length);
  }
  if (record.output_ids.length === 0) throw new TrtllmError('BENCH_FAILED_REQUESTS', `request ${request.id} ended without a token`);
  return record;
}
