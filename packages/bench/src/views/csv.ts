// CSV: the first table of a report, a head line, empty cells where there is nothing. RFC 4180 by csv-stringify.
import { stringify } from 'csv-stringify/sync';
import { cellValue, type DataTable } from './content.js';

export function csv({ columns, rows }: DataTable): string {
  return stringify([columns.map(({ key }) => key), ...rows.map((row) => row.map(cellValue))]);
}
