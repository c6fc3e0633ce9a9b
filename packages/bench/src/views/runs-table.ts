// The table of runs, a row each: what every format shows first.
import type { Metric } from '../metrics.js';
import type { Cell, Column, DataTable } from './content.js';
import { LEGEND, REFUSED, UNSUPPORTED } from '../report/percentile-cell.js';
import { figure } from './numbers.js';
import { storedCell } from './percentile-text.js';
import { percentileOfRun, type RunView } from './run-view.js';

interface RunColumn extends Column {
  cell: (run: RunView) => Cell;
  /** For programs: not in the table for people, where the facts or the charts show it. */
  isForCsvOnly?: true;
}

const shown = (value: number | null | undefined): Cell => ({ value: value ?? undefined, text: value === undefined || value === null ? '-' : figure(value) });

const PERCENTS: [Metric, number[]][] = [
  ['ttft', [50, 90, 99]],
  ['tpot', [50, 99]],
  ['itl', [50, 99]],
  ['e2el', [50, 99]],
];

const COLUMNS: RunColumn[] = [
  { key: 'run', title: 'run', cell: ({ label }) => label },
  { key: 'type', title: '', isForCsvOnly: true, cell: ({ group }) => group },
  { key: 'date', title: '', isForCsvOnly: true, cell: ({ file }) => file.date },
  { key: 'backend', title: '', isForCsvOnly: true, cell: ({ file }) => file.backend },
  { key: 'model_id', title: '', isForCsvOnly: true, cell: ({ file }) => file.model_id ?? undefined },
  { key: 'num_prompts', title: '', isForCsvOnly: true, cell: ({ file }) => file.num_prompts },
  { key: 'completed', title: 'ok', cell: ({ file }) => file.completed },
  { key: 'failed', title: 'failed', cell: ({ file }) => file.failed ?? Math.max(0, file.num_prompts - file.completed) },
  { key: 'request_rate', title: 'planned req/s', cell: ({ requestRate }) => ({ value: Number.isFinite(requestRate) ? requestRate : undefined, text: Number.isFinite(requestRate) ? figure(requestRate) : 'inf' }) },
  { key: 'request_throughput', title: 'req/s', cell: ({ file }) => shown(file.request_throughput) },
  { key: 'max_concurrency', title: 'max conc.', cell: ({ maxConcurrency }) => maxConcurrency },
  { key: 'mean_concurrency', title: 'mean conc.', cell: ({ file }) => shown(file.trtllm?.mean_concurrency) },
  { key: 'duration_s', title: '', isForCsvOnly: true, cell: ({ file }) => file.duration },
  { key: 'total_input_tokens', title: '', isForCsvOnly: true, cell: ({ file }) => file.total_input_tokens },
  { key: 'total_output_tokens', title: '', isForCsvOnly: true, cell: ({ file }) => file.total_output_tokens },
  ...PERCENTS.flatMap(([metric, percents]) => [
    { key: `mean_${metric}_ms`, title: '', isForCsvOnly: true as const, cell: (run: RunView) => run.latencies[metric]?.mean },
    ...percents.map((p) => ({ key: `p${p}_${metric}_ms`, title: `${metric.toUpperCase()} p${p}`, cell: (run: RunView) => storedCell(percentileOfRun(run, metric, p)) })),
  ]),
  { key: 'output_throughput', title: 'output tok/s', cell: ({ file }) => shown(file.output_throughput) },
  { key: 'total_token_throughput', title: 'total tok/s', cell: ({ file }) => shown(file.total_token_throughput) },
  { key: 'user_throughput', title: 'tok/s per user', cell: ({ file }) => shown(file.user_throughput) },
  { key: 'request_goodput', title: 'goodput req/s', cell: ({ file }) => shown(file.request_goodput) },
  { key: 'notes', title: '', isForCsvOnly: true, cell: ({ notes }) => notes.map(({ code }) => code).join(' ') },
];

/** Everything, for programs. */
export function csvTable(runs: readonly RunView[]): DataTable {
  return { title: 'runs', columns: COLUMNS, rows: runs.map((run) => COLUMNS.map(({ cell }) => cell(run))) };
}

/** Columns in which some run has something; a percentile that every run refuses has none. */
export function peopleTable(title: string, runs: readonly RunView[]): DataTable {
  const columns = COLUMNS.filter((column) => !column.isForCsvOnly && runs.some((run) => hasContent(column.cell(run))));
  const rows = runs.map((run) => columns.map(({ cell }) => cell(run)));
  const isUnsure = rows.flat().some((cell) => typeof cell === 'object' && (cell.text === REFUSED || cell.text.endsWith(UNSUPPORTED)));
  return { title, columns, rows, remark: `Latencies in ms.${isUnsure ? ` ${LEGEND}.` : ''}` };
}

const hasContent = (cell: Cell): boolean => cell !== undefined && (typeof cell !== 'object' || cell.value !== undefined || cell.text.startsWith('>'));
