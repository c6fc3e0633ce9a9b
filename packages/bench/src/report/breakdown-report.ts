// Where the server says that the time to the first token went: a table for people, an object for the result file.
import type { RequestBreakdown } from '../observe/request-breakdown.js';
import { segmentDistributions } from '../observe/request-segments.js';
import { LATENCY_HEAD, latencyCells } from './latency-cells.js';
import { table } from './plain-table.js';

export function breakdownTable({ requests }: RequestBreakdown, force: boolean): string {
  if (requests.length === 0) return '';
  return table(['server, ms', ...LATENCY_HEAD], segmentDistributions(requests).map(({ title, distribution }) => [title, ...latencyCells(distribution, force)]));
}

export function breakdownJson({ requests }: RequestBreakdown): object {
  const segments = segmentDistributions(requests).map(({ name, distribution: { mean, median, std, min, max, n } }) => [name, { mean, median, std, min, max, n }]);
  return { requests: requests.length, segments_ms: Object.fromEntries(segments) as object };
}
