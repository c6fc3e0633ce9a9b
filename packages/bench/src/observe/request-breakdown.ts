// The server's own times of a run's requests, from /perf_metrics: a ring that is emptied by whoever reads it.
import { setTimeout as sleep } from 'node:timers/promises';
import { TrtllmError } from '@trtllm/protocol';
import { requestHeaders, type HeaderOptions } from '../client/request-headers.js';
import type { Note } from '../report/bench-report.js';
import { segmentsOf, type RequestSegments } from './request-segments.js';

export interface RequestBreakdown {
  /** As the server told them. */
  records: unknown[];
  /** Those that have times, in order of arrival. */
  requests: RequestSegments[];
}

export interface BreakdownTarget extends HeaderOptions {
  baseUrl: string;
}

const PATIENCE_MS = 30_000;
/** A server may write down a request's times a while after its last token. */
const LOOKS = 5;
const PAUSE_MS = 100;

/** Empties the ring of what was before. Throws by name where the server has none. */
export async function forgetRequests(target: BreakdownTarget): Promise<void> {
  await recordsAt(target).catch((cause: Error) => {
    throw new TrtllmError('BAD_FLAG', `--save-request-time-breakdown: ${target.baseUrl}/perf_metrics: ${cause.message}; a TensorRT-LLM server tells there with return_perf_metrics: true and perf_metrics_max_requests`, { cause });
  });
}

/** @param answered requests that the server has times of, the first `warmUps` of which do not count */
export async function requestBreakdown(target: BreakdownTarget, answered: number, warmUps: number): Promise<{ breakdown: RequestBreakdown; notes: Note[] }> {
  const told: unknown[] = [];
  let failure: string | undefined;
  for (let look = 0; look < LOOKS && told.length < answered; look++) {
    if (look > 0) await sleep(PAUSE_MS);
    try {
      for (const record of await recordsAt(target)) told.push(record);
    } catch (error) {
      failure = (error as Error).message;
    }
  }
  const timed = told.flatMap((record) => {
    const segments = segmentsOf(record);
    return segments === undefined ? [] : [{ record, segments }];
  });
  // A ring that is too small has lost its oldest.
  const warmUpsLeft = Math.max(0, warmUps - Math.max(0, answered - timed.length));
  const counted = timed.sort((a, b) => a.segments.arrival - b.segments.arrival).slice(warmUpsLeft);
  const notes = countNotes(counted.length, answered - warmUps, failure);
  return { breakdown: { records: counted.map(({ record }) => record), requests: counted.map(({ segments }) => segments) }, notes };
}

function countNotes(told: number, answered: number, failure: string | undefined): Note[] {
  if (told === answered) return [];
  const why = told > answered ? 'others ask it too, and their requests are among them' : (failure ?? 'perf_metrics_max_requests is how many it keeps');
  return [{ code: 'breakdown-count', text: `the server told the times of ${told} requests, ${answered} were answered (${why})` }];
}

async function recordsAt({ baseUrl, ...headers }: BreakdownTarget): Promise<unknown[]> {
  const reply = await fetch(`${baseUrl}/perf_metrics`, { headers: requestHeaders(headers), signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!reply.ok) throw new Error(`HTTP ${reply.status}`);
  const records: unknown = await reply.json();
  if (!Array.isArray(records)) throw new Error('expected a list of requests');
  return records;
}
