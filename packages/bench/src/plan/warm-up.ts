// Requests that warm a server up: of the same kind and lengths as those that are measured, with texts of their own, and sent before them
// without a pause, so that the measured ones meet a server that is at work.
import type { Note } from '../report/bench-report.js';
import type { PlannedRequest } from './workload.js';

/** Its texts are not found in any cache later. */
export function warmUpSalt(salt: string): string {
  return `${salt}/warm-up`;
}

/** Indices -N to -1, before those that count. */
export function asWarmUp(requests: readonly PlannedRequest[]): PlannedRequest[] {
  return requests.map((request) => ({ ...request, index: request.index - requests.length }));
}

export function isWarmUp({ index }: Pick<PlannedRequest, 'index'>): boolean {
  return index < 0;
}

export function warmUpNotes({ numWarmups }: { numWarmups: number }): Note[] {
  return numWarmups === 0 ? [] : [{ code: 'warm-up', text: `${numWarmups} requests before the measured ones do not count` }];
}
