// Conversations by turn, of runs that had any: a table and charts over the turn.
import type { Cell, DataTable, Section } from './content.js';
import { xyChart, type Point } from './html/xy-chart.js';
import { figure } from './numbers.js';
import { storedCell } from './percentile-text.js';
import type { RunView, StoredPercentile, StoredTurn } from './run-view.js';
import { lookOf } from './sections/look.js';

const METRICS_OF_TURNS = ['ttft', 'tpot', 'e2el'] as const;
type TurnMetric = (typeof METRICS_OF_TURNS)[number];

const COLUMNS: [TurnMetric, number][] = METRICS_OF_TURNS.flatMap((metric): [TurnMetric, number][] => [[metric, 50], [metric, 90]]);

/** None where no run has turns. */
export function turnTables(title: string, runs: readonly RunView[]): DataTable[] {
  const rows = runs.flatMap((run) => turnsOf(run).map((turn) => [run.label, ...rowOf(turn)]));
  if (rows.length === 0) return [];
  const columns = [['run', 'run'], ['turn', 'turn'], ['completed', 'ok'], ['failed', 'failed'], ['input', 'input tokens'], ['cached', 'cached'], ...COLUMNS.map(([metric, p]) => [`p${p}_${metric}_ms`, `${metric.toUpperCase()} p${p}`])];
  return [{ title, columns: columns.map(([key, head]) => ({ key: key!, title: head! })), rows, remark: 'Input tokens: mean of a prompt with its history; cached: of them, as the server tells. Latencies in ms.' }];
}

const turnsOf = ({ file }: RunView): StoredTurn[] => file.trtllm?.turns ?? [];

function rowOf(turn: StoredTurn): Cell[] {
  const cached = { value: turn.cached_share, text: `${(100 * turn.cached_share).toFixed(0)} %` };
  const input = { value: turn.mean_input_tokens, text: figure(turn.mean_input_tokens) };
  return [turn.turn, turn.completed, turn.failed, input, cached, ...COLUMNS.map(([metric, p]) => storedCell(percentileOf(turn, metric, p)))];
}

function percentileOf({ latencies_ms: latencies }: StoredTurn, metric: TurnMetric, p: number): StoredPercentile | undefined {
  return latencies[metric]?.percentiles.find((percentile) => percentile.p === p);
}

export function turnSection(runs: readonly RunView[], labelOf: (run: RunView) => string): Section {
  const told = runs.filter((run) => turnsOf(run).length > 1);
  const chart = (metric: TurnMetric) => {
    const curves = told.map((run, i) => ({ draw: 'line' as const, points: medians(run, metric), ...lookOf(i) }));
    return curves.some(({ points }) => points.length > 1) ? [xyChart({ title: `${metric.toUpperCase()} by turn, median`, x: { label: 'turn', from: 1 }, y: { label: 'ms' }, width: 380, curves })] : [];
  };
  return { title: 'Turns of conversations', legend: told.map((run, i) => ({ name: labelOf(run), ...lookOf(i) })), charts: METRICS_OF_TURNS.flatMap(chart), columns: 3 };
}

function medians(run: RunView, metric: TurnMetric): Point[] {
  return turnsOf(run).flatMap((turn): Point[] => {
    const value = percentileOf(turn, metric, 50)?.value;
    return typeof value === 'number' ? [[turn.turn, value]] : [];
  });
}
