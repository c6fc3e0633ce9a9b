// Timed tactics, for people.
import type { TacticProgress, TacticTimings } from '@trtllm/engine-builder';
import { table } from './table.js';

export function tacticsText(timings: TacticTimings): string {
  return timings.gains.length > 0 ? `${gainsTable(timings)}\n${closingLine(timings)}` : closingLine(timings);
}

export function tacticProgressText({ done, total, linear, rows }: TacticProgress): string {
  return `${done} of ${total}: ${linear}, rows ${rows}`;
}

function gainsTable({ gains }: TacticTimings): string {
  const rows = gains.map(({ linear, rows, tactic, us, default_us }) => [linear, rows, tactic, us.toFixed(1), default_us.toFixed(1), (default_us / us).toFixed(2)]);
  return table(['linear', 'rows', 'tactic', 'µs', 'default µs', '×'], rows);
}

function closingLine({ timed, reused, left, changed, seconds, timing_cache }: TacticTimings): string {
  const counts = [
    `${timed} linears × rows timed in ${seconds.toFixed(1)} s`,
    ...(timed > 0 ? [`${changed} faster than their defaults`] : []),
    ...(reused > 0 ? [`${reused} known already`] : []),
    ...(left > 0 ? [`${left} left at their defaults for want of time`] : []),
  ];
  return `${counts.join(', ')}; written to ${timing_cache}`;
}
