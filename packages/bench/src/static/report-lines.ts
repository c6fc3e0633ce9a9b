// Lines of trtllm-bench's reports: ruled sections, labels with their values in one column, breakdowns of seven numbers.
import type { SevenNumbers } from './seven-numbers.js';

const RULE = '='.repeat(59);

export function section(title: string, lines: readonly string[]): string {
  return `${RULE}\n= ${title}\n${RULE}\n${lines.join('\n')}\n`;
}

/** Label, value, and what stands behind the value. */
export type Pair = [label: string, value: string | number, remark?: string | undefined];

export function pairs(of: readonly Pair[]): string[] {
  const width = Math.max(...of.map(([label]) => label.length)) + 1;
  const valueWidth = Math.max(...of.map(([, value]) => String(value).length));
  return of.map(([label, value, remark]) => `${`${label}:`.padEnd(width)} ${remark === undefined ? value : `${String(value).padEnd(valueWidth)}  ${remark}`}`);
}

const ORDERS = {
  'percentiles first': ['p50', 'p90', 'p95', 'p99', 'minimum', 'maximum', 'average'],
  'extremes first': ['minimum', 'maximum', 'average', 'p50', 'p90', 'p95', 'p99'],
} as const;

export function breakdown(title: string, tag: string, numbers: SevenNumbers, order: keyof typeof ORDERS): string[] {
  return [`-- ${title}`, '', ...ORDERS[order].map((key) => `[${tag}] ${key.toUpperCase().padEnd(7)}: ${numbers[key].toFixed(4)}`)];
}
