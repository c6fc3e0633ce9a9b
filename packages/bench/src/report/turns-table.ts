// Turns of conversations in the printed report, a row each.
import { percentileCell } from './percentile-cell.js';
import type { Metric } from '../metrics.js';
import { milliseconds } from './latency-cells.js';
import { table } from './plain-table.js';
import type { TurnFigures } from './turns.js';

/** More than that are in the result file only. */
const MOST_ROWS = 20;
const COLUMNS: [Metric, number][] = [['ttft', 50], ['ttft', 90], ['tpot', 50], ['tpot', 90], ['e2el', 50], ['e2el', 90]];

export function turnsTable(turns: readonly TurnFigures[], force: boolean): string {
  const head = ['turn', 'ok', 'input', 'cached', ...COLUMNS.map(([metric, p]) => `${metric.toUpperCase()} p${p}`)];
  const rows = turns.slice(0, MOST_ROWS).map((turn) => [String(turn.turn), String(turn.completed), turn.inputTokens.toFixed(0), `${(100 * turn.cachedShare).toFixed(0)} %`, ...COLUMNS.map((column) => cell(turn, column, force))]);
  const rest = turns.length > MOST_ROWS ? [`${turns.length - MOST_ROWS} later turns are in the result file.`] : [];
  return [table(head, rows), ...rest].join('\n');
}

function cell({ latencies }: TurnFigures, [metric, p]: [Metric, number], force: boolean): string {
  const percentile = latencies[metric]?.percentiles.find((found) => found.p === p);
  return percentile ? percentileCell(percentile, force, milliseconds) : '-';
}
