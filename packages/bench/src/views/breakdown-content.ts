// The page of --save-request-time-breakdown: each request's time to the first token, as the server spent it.
import { segmentDistributions, SEGMENTS, type RequestSegments } from '../observe/request-segments.js';
import type { Cell, DataTable, ReportContent, Section } from './content.js';
import { xyChart, type Curve, type Point } from './html/xy-chart.js';
import { PALETTE_SIZE } from './html/style.js';
import { figure } from './numbers.js';

const MOST_COLUMNS = 400;

export function breakdownContent(requests: readonly RequestSegments[], model: string): ReportContent {
  return {
    title: `Time to the first token at the server: ${model}`,
    facts: [['requests', String(requests.length)]],
    tiles: [],
    tables: [segmentTable(requests)],
    csv: requestTable(requests),
    notes: [],
    checks: [],
    words: SEGMENTS.map(({ name, title, from, to }) => [title, `${name}: ${to} - ${from}`]),
    sections: () => [requestSection(requests)],
  };
}

function segmentTable(requests: readonly RequestSegments[]): DataTable {
  const columns = ['segment', 'mean', 'median', 'min', 'max', 'requests'].map((title) => ({ key: title, title }));
  const shown = (value: number): Cell => ({ value, text: figure(value) });
  const rows = segmentDistributions(requests).map(({ title, distribution: { mean, median, min, max, n } }) => [title, ...[mean, median, min, max].map(shown), n]);
  return { title: 'Segments', columns, rows, remark: 'ms' };
}

function requestTable(requests: readonly RequestSegments[]): DataTable {
  const columns = ['request_id', ...SEGMENTS.map(({ name }) => `${name}_ms`)].map((key) => ({ key, title: key }));
  return { title: 'requests', columns, rows: requests.map(({ requestId, ms }) => [requestId, ...ms]) };
}

function requestSection(requests: readonly RequestSegments[]): Section {
  const used = SEGMENTS.flatMap(({ title }, i) => (requests.some(({ ms }) => (ms[i] ?? 0) > 0) ? [{ title, i }] : []));
  const columns = columnsOf(requests);
  const tops = used.map((_, k) => columns.map((ms) => used.slice(0, k + 1).reduce((sum, { i }) => sum + ms[i]!, 0)));
  const stairs = (heights: readonly number[]): Point[] => [...heights, heights.at(-1) ?? 0].map((height, at): Point => [(at * requests.length) / columns.length, height]);
  const curves = used.map((_, k): Curve => ({ draw: 'band', points: stairs(tops[k]!), floor: stairs(tops[k - 1] ?? columns.map(() => 0)), ...bandLook(k) }));
  return {
    title: 'Request by request',
    remark: columns.length < requests.length ? `In order of arrival; a column is the mean of ${Math.ceil(requests.length / columns.length)} requests.` : 'In order of arrival.',
    legend: used.map(({ title }, k) => ({ name: title, color: bandLook(k).color })),
    charts: columns.length === 0 ? [] : [xyChart({ title: 'Time to the first token', x: { label: 'request', to: requests.length }, y: { label: 'ms' }, width: 1160, curves })],
    columns: 1,
  };
}

const bandLook = (k: number): Pick<Curve, 'color' | 'isFaint'> & { color: number } => ({ color: k % PALETTE_SIZE, isFaint: k >= PALETTE_SIZE });

/** ms by segment: of each request, or the mean of neighbours where there are many. */
function columnsOf(requests: readonly RequestSegments[]): number[][] {
  const size = Math.ceil(requests.length / MOST_COLUMNS);
  return Array.from({ length: Math.ceil(requests.length / (size || 1)) }, (_, at) => {
    const group = requests.slice(at * size, (at + 1) * size);
    return SEGMENTS.map((_, i) => group.reduce((sum, { ms }) => sum + (ms[i] ?? 0), 0) / group.length);
  });
}
