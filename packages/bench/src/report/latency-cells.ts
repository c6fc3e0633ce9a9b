// A row of latencies in the tables that a run prints.
import type { Distribution } from '../statistics/distribution.js';
import { percentileCell } from './percentile-cell.js';

const COLUMNS = [50, 90, 99];

/** Behind the first column. */
export const LATENCY_HEAD = ['mean', ...COLUMNS.map((p) => `p${p}`), 'max', 'samples'];

export function latencyCells(distribution: Distribution, force: boolean): string[] {
  const percentiles = COLUMNS.map((p) => distribution.percentiles.find((percentile) => percentile.p === p)!);
  return [
    milliseconds(distribution.mean),
    ...percentiles.map((percentile) => percentileCell(percentile, force, milliseconds)),
    milliseconds(distribution.max),
    String(distribution.n),
  ];
}

/** Three digits that count, whatever the size. */
export function milliseconds(value: number): string {
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3);
}
