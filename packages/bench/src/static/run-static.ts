// The static load: requests straight into an engine, so many in flight, no server between. Times are those at which the engine's
// tokens arrive in this process.
import { monotonicMs } from '../client/timeline.js';
import { seededRandom } from '../plan/seeded-random.js';
import type { StaticRequest } from './static-request.js';

/** The engine under test: the number of tokens of each piece, as they come. Ends after exactly output_tokens. */
export type SubmitStatic = (request: StaticRequest, signal: AbortSignal) => AsyncIterable<number[]>;

export interface StaticRecord {
  id: number;
  input_tokens: number;
  output_ids: number[];
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
  /** When the measured part begins. */
  onStart?: () => void;
}

/** A failed request ends the run: its error is thrown, the others are aborted. */
export async function runStatic(submit: SubmitStatic, requests: readonly StaticRequest[], load: StaticLoad, hooks: StaticHooks): Promise<StaticRecord[]> {
  const random = seededRandom(load.seed, 'warmup');
  const warmup = Array.from({ length: load.warmup }, () => requests[random.integer(0, requests.length - 1)]!);
  if (warmup.length > 0) await runPhase('warmup', submit, warmup, load.concurrency, hooks);
  hooks.onStart?.();
  return runPhase('run', submit, requests, load.concurrency, hooks);
}

async function runPhase(phase: StaticProgress['phase'], submit: SubmitStatic, requests: readonly StaticRequest[], concurrency: number, hooks: StaticHooks): Promise<StaticRecord[]> {
  const records: StaticRecord[] = [];
  const failure = new AbortController();
  const signal = AbortSignal.any([hooks.signal, failure.signal]);
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
  const record: StaticRecord = { id: request.id, input_tokens: request.input_ids.length, output_ids: [], start: monotonicMs(), first: NaN, end: NaN };
  for await (const ids of submit(request, signal)) {
    if (ids.length === 0) continue;
    record.end = monotonicMs();
    if (record.output_ids.length === 0) record.first = record.end;
    record.output_ids.push(...ids);
    onTokens(ids.length);
  }
  return record;
}
