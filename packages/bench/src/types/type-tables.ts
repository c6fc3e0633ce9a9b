// One table a type: a row a point.
import type { Distribution } from '../statistics/distribution.js';
import { table } from '../report/plain-table.js';
import type { PointResult } from './run-types.js';

const HEAD = ['point', 'requests', 'failed', 'req/s', 'output tok/s', 'total tok/s', 'TTFT p50', 'TTFT p99', 'TPOT p50', 'ITL p50', 'E2EL p50', 'E2EL p99'];

export function formatTypes(results: readonly PointResult[]): string {
  const types = [...new Set(results.map(({ type }) => type))];
  return types
    .map((type) => {
      const points = results.filter((result) => result.type === type);
      const mark = points.some(({ wentOneByOne }) => wentOneByOne) ? '\n* one request at a time: at the rate of the type they met each other' : '';
      return `${type} (latencies in ms)\n${table(HEAD, points.map(row))}${mark}`;
    })
    .join('\n\n');
}

function row({ label, report, wentOneByOne }: PointResult): string[] {
  const { latencies } = report;
  return [
    wentOneByOne ? `${label} *` : label,
    String(report.completed),
    String(report.failed),
    report.requestThroughput.toFixed(2),
    report.outputThroughput.toFixed(1),
    report.totalThroughput.toFixed(1),
    at(latencies.ttft, 50),
    at(latencies.ttft, 99),
    at(latencies.tpot, 50),
    at(latencies.itl, 50),
    at(latencies.e2el, 50),
    at(latencies.e2el, 99),
  ];
}

/** `~`: too few samples for that percentile. */
function at(distribution: Distribution | undefined, percent: number): string {
  const found = distribution?.percentiles.find(({ p }) => p === percent);
  if (!found) return '-';
  return `${found.isCensored ? '> ' : found.isSupported ? '' : '~'}${found.value.toFixed(1)}`;
}
