// The report for people: failures by reason, one table of latencies, what to know before quoting it.
import type { BenchReport, LatencyName } from './bench-report.js';
import type { Metric } from '../metrics.js';
import { hostLines } from '../observe/host-report.js';
import { breakdownTable } from './breakdown-report.js';
import { LATENCY_HEAD, latencyCells } from './latency-cells.js';
import { table } from './plain-table.js';
import { serverLine } from '../observe/server-report.js';
import { turnsTable } from './turns-table.js';
import { verdictLine } from '../verdict/verdict.js';
import { compatBlock } from './report-text.js';

/** Everything that a run prints. */
export function formatReport(report: BenchReport): string {
  const parts = [compatBlock(report), latencyTable(report), turnLines(report), breakdownLines(report), loadLine(report), observedLines(report), failureLines(report), noteLines(report), verdictLine(report.verdict)];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** TTFO where answers begin with reasoning. ITL is one gap a token, ICL the gap between reads; both where they differ. */
function latencyTable(report: BenchReport): string {
  const names: LatencyName[] = ['ttft', 'ttfo', 'tpot', 'itl', ...(report.coalescing > 1 ? (['icl'] as const) : []), 'e2el', 'queue'];
  const rows = names.flatMap((name) => {
    const distribution = report.latencies[name];
    return distribution === undefined ? [] : [[name.toUpperCase(), ...latencyCells(distribution, report.options.forcePercentiles)]];
  });
  return rows.length === 0 ? '' : table(['ms', ...LATENCY_HEAD], rows);
}

function turnLines({ turns, options }: BenchReport): string {
  return turns ? turnsTable(turns, options.forcePercentiles) : '';
}

function breakdownLines({ observed: { breakdown }, options }: BenchReport): string {
  return breakdown ? breakdownTable(breakdown, options.forcePercentiles) : '';
}

function loadLine(report: BenchReport): string {
  if (report.completed === 0) return '';
  const { steadyOutputThroughput: steady, steadyOutputInterval: interval } = report;
  const between = interval ? ` (95 %: ${interval.lower.toFixed(2)} to ${interval.upper.toFixed(2)})` : '';
  return [
    attainmentText(report),
    `Concurrency: mean ${report.meanConcurrency.toFixed(2)}, peak ${report.peakConcurrency}.`,
    steady === undefined ? '' : `Output while all slots were busy: ${steady.toFixed(2)} tok/s${between}.`,
    windowText(report),
    report.peakOutputThroughput > 0 ? `Most in one second: ${report.peakOutputThroughput} tok.` : '',
    `Client: ${(100 * report.clientCpu).toFixed(0)} % of a core.`,
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function windowText({ steadyWindow }: BenchReport): string {
  if (!steadyWindow?.isSteady) return '';
  const { fromS, toS, requests, outputThroughput, requestThroughput } = steadyWindow;
  return `Steady from ${fromS.toFixed(1)} to ${toS.toFixed(1)} s (found by MSER-5; ${requests} requests): ${requestThroughput.toFixed(2)} req/s, ${outputThroughput.toFixed(2)} tok/s.`;
}

function attainmentText({ attainment, options }: BenchReport): string {
  if (attainment === undefined) return '';
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const each = Object.entries(attainment.each).map(([metric, share]) => `${metric.toUpperCase()} <= ${options.goodput[metric as Metric]} ms by ${percent(share)}`);
  return `Limits kept by ${percent(attainment.all)} of requests: ${each.join(', ')}.`;
}

function observedLines({ observed: { host, server } }: BenchReport): string {
  return [host && hostLines(host), server && serverLine(server)].filter((line) => line !== undefined).join('\n');
}

function failureLines(report: BenchReport): string {
  if (report.failures.length === 0) return '';
  const rows = report.failures.map(({ outcome, reason, count }) => `  ${count} x ${outcome}: ${reason}`);
  return [`Failed requests: ${report.failed}, left out of latency and throughput`, ...rows].join('\n');
}

function noteLines(report: BenchReport): string {
  return report.notes.map(({ code, text }) => `Note (${code}): ${text}`).join('\n');
}
