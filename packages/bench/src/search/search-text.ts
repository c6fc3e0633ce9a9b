// A search for people and for files: its probes, and the load it found.
import { reportJson } from '../report/report-json.js';
import { table } from '../report/plain-table.js';
import { LEAST_EXCESS, MOST_EXCESS, type Slo } from './excess.js';
import type { ServerSearchResult } from './search-server.js';

export function sloText({ metric, percent, limitMs }: Slo): string {
  return `${metric.toUpperCase()} p${percent} <= ${limitMs} ms`;
}

export function formatSearch(result: ServerSearchResult): string {
  const { over, slos, probes, reports, capacity } = result;
  const skipped = reports.length - probes.length;
  const rows = probes.map(({ load, excesses }, i) => [
    loadText(load),
    String(reports[i + skipped]!.report.planned),
    ...excesses.map((excess, j) => foundText(excess, slos[j]!.limitMs)),
    excesses.every((excess) => excess <= 0) ? 'kept' : 'over',
  ]);
  const atOnce = capacity === undefined ? [] : [`All at once: ${capacity.toPrecision(4)} req/s.`];
  return [...atOnce, table([over, 'requests', ...slos.map(sloText), ''], rows), conclusion(result)].join('\n');
}

/** What a probe found, ms; far from the limit only on which side (excess.ts). */
export function foundText(excess: number, limitMs: number): string {
  const found = (limitMs * Math.exp(excess)).toFixed(1);
  if (excess >= MOST_EXCESS) return `> ${found}`;
  return excess <= LEAST_EXCESS ? `< ${found}` : found;
}

function conclusion({ over, slos, load, interval, binding, reports, isAtEnd }: ServerSearchResult): string {
  const limits = slos.map(sloText).join(' and ');
  if (isAtEnd === 'lowest') return `No load keeps ${limits}: ${sloText(slos[binding]!)} is over at the lowest already.`;
  if (isAtEnd === 'highest') return `The highest load of the range still keeps ${limits}.`;
  const unit = over === 'rate' ? 'request rate' : 'concurrency';
  const binds = slos.length > 1 ? `, set by ${sloText(slos[binding]!)}` : '';
  return `Highest ${unit} that keeps ${limits}: ${loadText(load)} (95 %: ${loadText(interval.lower)} to ${loadText(interval.upper)})${binds}; ${reports.length} runs.`;
}

function loadText(load: number): string {
  return String(Number(load.toPrecision(4)));
}

export function searchJson({ over, slos, load, interval, binding, isAtEnd, capacity, probes, reports }: ServerSearchResult): Record<string, unknown> {
  const skipped = reports.length - probes.length;
  return {
    search: over,
    slos,
    load,
    interval_95: [interval.lower, interval.upper],
    binding: slos[binding],
    at_end: isAtEnd ?? null,
    capacity: capacity ?? null,
    points: reports.map(({ load: probed, report }, i) => ({ load: probed === Infinity ? 'inf' : probed, excesses: probes[i - skipped]?.excesses ?? null, ...reportJson(report) })),
  };
}
