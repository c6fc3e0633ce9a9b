// Requests that were cut off are the long ones: what is left looks quicker than it was.
import type { Evidence } from './evidence.js';
import { countOf, TOLERATED_SHARE, type Finding } from './finding.js';

export function cutTail({ records, planned, interrupted }: Evidence): Finding | undefined {
  const count = (wanted: string): number => records.filter(({ outcome }) => outcome === wanted).length;
  const cancelled = count('cancelled');
  const truncated = count('truncated');
  if (cancelled + truncated <= TOLERATED_SHARE * records.length) return undefined;
  const signs = [
    cancelled > 0 && `${countOf(cancelled, records.length)} requests were cancelled${interrupted ? ` when the run was stopped, ${records.length} of ${planned} sent` : ''}`,
    truncated > 0 && `${countOf(truncated, records.length)} streams ended without [DONE] or a finish_reason`,
  ].filter((sign) => sign !== false);
  const mend = truncated > cancelled ? "see the server's log for what closed the connections" : 'let the run end, or ask for fewer requests';
  return { fault: 'cut-tail', evidence: signs.join('; '), mend };
}
