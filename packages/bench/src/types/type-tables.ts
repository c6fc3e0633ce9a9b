// One table a type: a row a point; then the verdicts, those alone that doubt where some do.
import type { LatencyName } from '../report/bench-report.js';
import type { Distribution } from '../statistics/distribution.js';
import { LEGEND, percentileCell } from '../report/percentile-cell.js';
import { table } from '../report/plain-table.js';
import { verdictLine } from '../verdict/verdict.js';
import type { PointResult } from './run-types.js';

const HEAD = ['point', 'requests', 'failed', 'req/s', 'output tok/s', 'total tok/s', 'TTFT p50', 'TTFT p99', 'TPOT p50', 'ITL p50', 'E2EL p50', 'E2EL p99'];

export function formatTypes(results: readonly PointResult[]): string {
  const types = [...new Set(results.map(({ type }) => type))];
  return types
    .map((type) => {
      const points = results.filter((result) => result.type === type);
      const marks = [
        points.some(({ wentOneByOne }) => wentOneByOne) ? '\n1) one request at a time: at the rate of the type they met each other' : '',
        points.some(({ report }) => report.notes.some(({ code }) => code.startsWith('percentile-'))) ? `\n${LEGEND}` : '',
      ];
      return `${type} (latencies in ms)\n${table(HEAD, points.map(row))}${marks.join('')}`;
    })
    .concat(verdictLines(results))
    .join('\n\n');
}

function verdictLines(results: readonly PointResult[]): string {
  const doubted = results.filter(({ report }) => !report.verdict.believable);
  if (doubted.length === 0) return 'Verdict: believable';
  return doubted.map(({ type, label, report }) => `${type} ${label}: ${verdictLine(report.verdict)}`).join('\n');
}

function row({ label, report, wentOneByOne }: PointResult): string[] {
  const { latencies, options } = report;
  const at = (name: LatencyName, percent: number): string => percentileAt(latencies[name], percent, options.forcePercentiles);
  return [
    wentOneByOne ? `${label} 1)` : label,
    String(report.completed),
    String(report.failed),
    report.requestThroughput.toFixed(2),
    report.outputThroughput.toFixed(1),
    report.totalThroughput.toFixed(1),
    at('ttft', 50),
    at('ttft', 99),
    at('tpot', 50),
    at('itl', 50),
    at('e2el', 50),
    at('e2el', 99),
  ];
}

function percentileAt(distribution: Distribution | undefined, percent: number, force: boolean): string {
  const found = distribution?.percentiles.find(({ p }) => p === percent);
  return found ? percentileCell(found, force, (ms) => ms.toFixed(1)) : '-';
}
