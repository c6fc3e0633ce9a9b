// What a report says, before any format: CSV prints `csv`, Markdown the tables, JUnit the checks, HTML tables and charts.
import type { Markup } from './markup.js';

export interface Column {
  /** Name in CSV. */
  key: string;
  /** Head for people, unit included. */
  title: string;
}

/** Numbers stay numbers for CSV; `text` says how people see them. */
export type Cell = string | number | undefined | { value: number | string | undefined; text: string };

export interface DataTable {
  title: string;
  columns: Column[];
  rows: Cell[][];
  /** Below the table. */
  remark?: string | undefined;
}

export interface Check {
  suite: string;
  name: string;
  outcome: 'pass' | 'fail' | 'error' | 'skipped';
  /** Why it did not pass. */
  message?: string | undefined;
  seconds?: number | undefined;
}

/** Some charts under one heading. */
export interface Section {
  title: string;
  /** What to see, and how it was made. */
  remark?: string | undefined;
  legend?: LegendEntry[] | undefined;
  charts: Markup[];
  /** Charts beside each other at 1280 px. */
  columns: 1 | 2 | 3;
}

export interface LegendEntry {
  name: string;
  /** Of the palette, from 0. */
  color: number;
  isDashed?: boolean | undefined;
}

export interface ReportContent {
  title: string;
  /** The verdict, in one sentence; first thing a reader sees. */
  headline?: { text: string; mood: 'good' | 'bad' | 'open' } | undefined;
  /** Name and value, side by side: what was run, on what. */
  facts: [name: string, value: string][];
  /** A few figures, large. */
  tiles: [name: string, value: string, unit: string][];
  tables: DataTable[];
  /** For programs: more columns, full digits. */
  csv: DataTable;
  notes: { about: string; text: string; isBad?: boolean | undefined }[];
  checks: Check[];
  /** What its words mean; default: those of the latencies. */
  words?: readonly (readonly [word: string, meaning: string])[] | undefined;
  /** Charts cost time: they are drawn for HTML only. */
  sections: () => Section[];
}

export function cellText(cell: Cell): string {
  if (cell === undefined) return '-';
  return typeof cell === 'object' ? cell.text : String(cell);
}

export function cellValue(cell: Cell): string | number | undefined {
  return typeof cell === 'object' ? cell.value : cell;
}
