// What a run is judged by.
import { median } from 'simple-statistics';
import type { ClientFacts } from '../client/client-health.js';
import type { CountTokens, RequestRecord } from '../client/request-record.js';

export interface Evidence {
  records: readonly RequestRecord[];
  planned: number;
  interrupted: boolean;
  /** `closed`: so many at once, each slot taken again when it is free; `open`: requests have times; `burst`: all at once. */
  load: 'closed' | 'open' | 'burst';
  maxConcurrency?: number | undefined;
  ignoreEos: boolean;
  expectsCacheHits: boolean;
  /** Prompts go through a chat template, whose head all of them share. */
  isChat: boolean;
  /** Index of a request to the index of the first with the same prompt. */
  repeats: ReadonlyMap<number, number>;
  client: ClientFacts;
  /** CPU seconds of the client a second of the run. */
  clientCpu: number;
  countTokens?: CountTokens | undefined;
}

/** Those that ended well, in order of sending. */
export function completedOf({ records }: Evidence): RequestRecord[] {
  return records.filter(({ outcome }) => outcome === 'ok').sort((a, b) => a.timeline.sent - b.timeline.sent);
}

/** ms to the first token; of a reply that was not streamed, to its end. */
export function waitOf({ timeline }: RequestRecord): number {
  return (timeline.stamps[0] ?? timeline.done) - timeline.sent;
}

/** Requests that began together because the run did: their waits are of a crowd that never came again. */
export function firstWave({ load, maxConcurrency = 1 }: Evidence): number {
  return load === 'closed' ? maxConcurrency : load === 'open' ? 1 : Infinity;
}

/** Undefined of nothing. */
export function medianOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : median(values as number[]);
}
