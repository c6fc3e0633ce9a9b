// The table at the end of a run, and why cells are empty.
import Table from 'cli-table3';
import { KINDS } from './workloads.js';

/** @typedef {import('./run-row.js').RowResult} RowResult */

/** @param {RowResult[]} results */
export function formatTable(results) {
  const table = new Table({
    head: ['workload', 'format', 'isa', 'unit', 'ours', 'peer', 'ratio', '% of limit', 'limit'],
    colAligns: ['left', 'left', 'left', 'left', 'right', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const result of results)
    table.push([
      result.workload,
      result.format,
      result.isa,
      KINDS[result.kind].unit,
      figure(result.ours),
      figure(result.peer),
      result.ratio === null ? '-' : `${result.ratio.toFixed(2)}×`,
      result.limit_fraction === null ? '-' : `${(100 * result.limit_fraction).toFixed(0)} %`,
      result.limit_of ?? '-',
    ]);
  return [table.toString(), ...emptyCells(results)].join('\n');
}

/** @param {number | null} value */
function figure(value) {
  if (value === null) return '-';
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}

/** Each reason once. @param {RowResult[]} results */
function emptyCells(results) {
  const reasons = results.flatMap(({ format, ours_reason, peer_reason }) => [
    ...(ours_reason ? [`ours, ${format}: ${ours_reason}`] : []),
    ...(peer_reason ? [`peer, ${format}: ${peer_reason}`] : []),
  ]);
  return [...new Set(reasons)];
}
