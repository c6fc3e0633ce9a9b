// All levels of a sweep in one table, and what they show together.
import { LEGEND, percentileCell } from '../report/percentile-cell.js';
import { table } from '../report/plain-table.js';
import type { Distribution } from '../statistics/distribution.js';
import { isSaturated } from './knee.js';
import type { LevelResult } from './level-result.js';
import { MOST_DRIFT, type Sweep } from './run-sweep.js';

const HEAD = ['requests', 'failed', 'req/s', 'output tok/s', 'total tok/s', 'tok/s/user', 'TTFT p50', 'TTFT p99', 'TPOT p50', 'TPOT p99', 'E2EL p50', 'E2EL p99'];

export function formatSweep(sweep: Sweep): string {
  const { over, levels, again, knee } = sweep;
  const hasGoodput = levels.some(({ report }) => report.goodput !== undefined);
  const row = (result: LevelResult, name = levelText(result.level)): string[] => [name, ...cells(result), ...(hasGoodput ? [result.report.goodput?.toFixed(2) ?? '-'] : [])];
  const rows = levels.map((result) => row(result, `${levelText(result.level)}${result.kept ? ' kept' : ''}${result.level === knee ? ' <' : ''}${isSaturated(result.report) ? ' !' : ''}`));
  if (again) rows.push(row(again, `${levelText(again.level)} again`));
  const title = over === 'rate' ? 'Request rates (latencies in ms)' : 'Concurrencies (latencies in ms)';
  return [title, table([over, ...HEAD, ...(hasGoodput ? ['goodput'] : [])], rows), ...remarks(sweep)].join('\n');
}

function levelText(level: number): string {
  return level === Infinity ? 'inf' : String(level);
}

function cells({ report }: LevelResult): string[] {
  const { latencies, options } = report;
  return [
    String(report.completed),
    String(report.failed),
    report.requestThroughput.toFixed(2),
    report.outputThroughput.toFixed(1),
    report.totalThroughput.toFixed(1),
    latencies.tpot ? (1000 / latencies.tpot.median).toFixed(1) : '-',
    ...(['ttft', 'tpot', 'e2el'] as const).flatMap((metric) => [50, 99].map((p) => percentileAt(latencies[metric], p, options.forcePercentiles))),
  ];
}

function percentileAt(distribution: Distribution | undefined, percent: number, force: boolean): string {
  const found = distribution?.percentiles.find(({ p }) => p === percent);
  return found ? percentileCell(found, force, (ms) => ms.toFixed(1)) : '-';
}

function remarks({ over, levels, drift, knee }: Sweep): string[] {
  const percent = drift === undefined ? '' : `${Math.abs(100 * drift).toFixed(1)} % ${drift < 0 ? 'lower' : 'higher'}`;
  const what = over === 'rate' ? 'its median E2EL' : 'its output throughput';
  return [
    levels.some(({ report }) => report.notes.some(({ code }) => code.startsWith('percentile-'))) ? LEGEND : '',
    knee === undefined ? '' : over === 'rate' ? `< the highest rate that the server kept up with` : `< the knee: beyond it throughput grows by less than latency`,
    levels.some(({ report }) => isSaturated(report)) ? '! saturated: its latencies depend on how long the run was' : '',
    drift === undefined ? '' : Math.abs(drift) > MOST_DRIFT ? `Drift: the first level, run again at the end, had ${what} ${percent}: levels between may be off by as much.` : `No drift: ${what} at the first level, run again at the end, was ${percent}.`,
  ].filter((remark) => remark !== '');
}
