// What is to be sent and where its replies go: the same for every client.
import type { RequestRecord } from './request-record.js';
import type { Exchange, Post } from './stream-client.js';
import type { PlannedRequest } from '../plan/workload.js';

export interface SendJob {
  conversations: readonly PlannedRequest[][];
  /** ms from the start, ascending; one for each conversation. */
  offsets: Float64Array;
  /** ms of the monotonic clock; undefined: as soon as the client can. */
  startAt?: number | undefined;
  /** Undefined: any number at once. */
  maxConcurrency?: number | undefined;
  /** All due at once with a limit: the due time of a request is when its slot came free. */
  isClosedLoop: boolean;
  /** No request has to wait for others: its lag is the client's own. */
  hasDueTime: boolean;
  /** Aborted: no more is sent. */
  sending: AbortSignal;
  /** Aborted: nor is what is open waited for. */
  waiting: AbortSignal;
  /** The first request is due, or soon will be. */
  onBegin(): void;
  /** A request is due at `scheduled`. Told again, it changes nothing. */
  expect(request: PlannedRequest, scheduled: number): void;
  postOf(request: PlannedRequest, scheduled: number): Post;
  /** A request went out, at `at` ms: told as it goes, or by a client that learns of it later, before `take`. */
  onStart(request: PlannedRequest, at: number): void;
  take(request: PlannedRequest, exchange: Exchange): RequestRecord;
  /** For progress only. */
  onSent(count: number): void;
  onEvents(count: number): void;
}
