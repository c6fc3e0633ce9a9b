// What charts need of each request, whichever file it came from.
import { z } from 'zod';
import type { RequestRecord } from '../client/request-record.js';
import { latenciesOf, type Timeline } from '../client/timeline.js';
import { apportion } from '../client/token-counts.js';

export interface RequestView {
  isOk: boolean;
  /** ms of one clock for the whole run; `sent` is 0 everywhere where a file does not tell when requests began. */
  timeline: Timeline;
  /** ms */
  ttft?: number | undefined;
  tpot?: number | undefined;
  e2el: number;
  itl: number[];
}

function view(isOk: boolean, timeline: Timeline, outputTokens: number): RequestView {
  const { ttft, tpot, e2el, itl } = latenciesOf(timeline, outputTokens);
  return { isOk, timeline, ttft, tpot, e2el, itl };
}

/** Requests that never left are not among them. */
export function requestsOfRecords(records: readonly RequestRecord[]): RequestView[] {
  return records.filter(({ timeline }) => !Number.isNaN(timeline.sent)).map(({ outcome, timeline, outputTokens }) => view(outcome === 'ok', timeline, outputTokens));
}

const line = z.object({ run: z.string().optional(), outcome: z.string(), sched: z.number(), send: z.number().nullable(), done: z.number(), osl: z.number(), stamps_us: z.array(z.number()), k: z.array(z.number()) });

/** Lines of `.requests.jsonl` of that run, and of a file of one run those that name none; a last one that a killed run cut is left out. */
export function requestsOfLines(text: string, run: string | undefined, isAlone: boolean): RequestView[] {
  return text.split('\n').flatMap((json) => {
    const parsed = line.safeParse(jsonOrUndefined(json));
    if (!parsed.success || parsed.data.send === null) return [];
    if (parsed.data.run === undefined ? !isAlone : parsed.data.run !== run) return [];
    const { outcome, sched, send, done, osl, stamps_us: deltas, k } = parsed.data;
    return [view(outcome === 'ok', { scheduled: sched, sent: send, stamps: running(send, deltas, 1e-3), tokens: k, done }, osl)];
  });
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const seconds = z.array(z.number());
const arrays = z.object({
  ttfts: seconds,
  itls: z.array(seconds),
  output_lens: z.array(z.number()),
  errors: z.array(z.string()),
  e2els: seconds.optional(),
  latencies: seconds.optional(),
  start_times: seconds.optional(),
});

/** The arrays of `--save-detailed`, vLLM's and benchmark_serving's; undefined where a file has none. Tokens of a read are taken as equal shares. */
export function requestsOfArrays(json: unknown): RequestView[] | undefined {
  const parsed = arrays.safeParse(json);
  if (!parsed.success) return undefined;
  const { ttfts, itls, output_lens: lens, errors, start_times: starts } = parsed.data;
  const ends = parsed.data.e2els ?? parsed.data.latencies;
  return ttfts.map((ttft, i) => {
    const sent = 1000 * (starts?.[i] ?? 0);
    const isOk = !errors[i] && ttft !== 0;
    const stamps = isOk && ttft > 0 ? running(sent, [ttft, ...(itls[i] ?? [])], 1000) : [];
    const done = sent + 1000 * (ends?.[i] ?? ((stamps.at(-1) ?? sent) - sent) / 1000);
    return view(isOk, { scheduled: sent, sent, stamps, tokens: shares(stamps, lens[i] ?? stamps.length), done }, lens[i] ?? stamps.length);
  });
}

const shares = (stamps: readonly number[], numTokens: number): number[] => (stamps.length === 0 ? [] : apportion(stamps.map(() => 1), numTokens));

function running(start: number, deltas: readonly number[], scale: number): number[] {
  let at = start;
  return deltas.map((delta) => (at += delta * scale));
}
