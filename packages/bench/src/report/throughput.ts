// Sums over time: how long a run was, how many requests were open, how many tokens came while.
import type { RequestRecord } from '../client/request-record.js';

export interface Span {
  from: number;
  to: number;
}

/** First send to last end. */
export function durationMs(records: readonly RequestRecord[]): number {
  const sent = sentRecords(records);
  if (sent.length === 0) return 0;
  const first = sent.reduce((min, { timeline }) => Math.min(min, timeline.sent), Infinity);
  return sent.reduce((max, { timeline }) => Math.max(max, timeline.done), -Infinity) - first;
}

/** Sweep line over (sent, done); at equal times the end goes first. */
export function peakConcurrency(records: readonly RequestRecord[]): number {
  const edges = sentRecords(records).flatMap(({ timeline }) => [
    { at: timeline.sent, step: 1 },
    { at: timeline.done, step: -1 },
  ]);
  edges.sort((a, b) => a.at - b.at || a.step - b.step);
  let open = 0;
  let peak = 0;
  for (const { step } of edges) peak = Math.max(peak, (open += step));
  return peak;
}

/** Most tokens in one second, seconds counted from the first send. */
export function peakTokensPerSecond(records: readonly RequestRecord[]): number {
  const start = records.reduce((min, { timeline }) => Math.min(min, timeline.sent), Infinity);
  const buckets = new Map<number, number>();
  for (const { timeline } of records) {
    timeline.stamps.forEach((at, i) => {
      const second = Math.floor((at - start) / 1000);
      buckets.set(second, (buckets.get(second) ?? 0) + timeline.tokens[i]!);
    });
  }
  return [...buckets.values()].reduce((max, tokens) => Math.max(max, tokens), 0);
}

/** From the send that filled the last slot to the last send, while a free slot was always taken at once; ms. */
export function busySpan(records: readonly RequestRecord[], numSlots = Infinity): Span | undefined {
  const sends = sentRecords(records)
    .map(({ timeline }) => timeline.sent)
    .sort((a, b) => a - b);
  const from = sends[numSlots - 1];
  const to = sends.at(-1)!;
  return from === undefined || to <= from ? undefined : { from, to };
}

export function tokensPerSecond(records: readonly RequestRecord[], { from, to }: Span): number | undefined {
  let numTokens = 0;
  for (const { timeline } of records) {
    timeline.stamps.forEach((at, i) => (numTokens += at >= from && at < to ? timeline.tokens[i]! : 0));
  }
  return numTokens > 0 ? (numTokens / (to - from)) * 1000 : undefined;
}

function sentRecords(records: readonly RequestRecord[]): RequestRecord[] {
  return records.filter((record) => !Number.isNaN(record.timeline.sent));
}
