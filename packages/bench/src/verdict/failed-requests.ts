// Those that failed are in no latency: often they would have been the slowest.
import type { Evidence } from './evidence.js';
import { countOf, TOLERATED_SHARE, type Finding } from './finding.js';

// Judged by cutTail.
const NOT_OURS = ['ok', 'cancelled', 'truncated'];

export function failedRequests({ records, planned }: Evidence): Finding | undefined {
  if (records.every(({ outcome }) => outcome === 'cancelled')) return { fault: 'failed-requests', evidence: `none of ${planned} ended`, mend: 'let the run go on for longer' };
  const failed = records.filter(({ outcome }) => !NOT_OURS.includes(outcome));
  const [example] = failed;
  if (example === undefined || failed.length <= TOLERATED_SHARE * records.length) return undefined;
  return { fault: 'failed-requests', evidence: `${countOf(failed.length, records.length)}, such as ${example.outcome}: ${example.reason ?? 'no reason'}`, mend: 'mend what they failed of, or ask for less load' };
}
