// Distributions of the four latencies, a curve a run.
import { METRIC_TITLES, METRICS, type Metric } from '../../metrics.js';
import type { LegendEntry, Section } from '../content.js';
import { xyChart, type Curve, type Point } from '../html/xy-chart.js';
import type { Markup } from '../markup.js';
import { samplesOf, type RunView } from '../run-view.js';
import { looksOf } from './look.js';

const MOST_CURVES = 12;
const STEPS = 200;

export function cdfSection(runs: readonly RunView[], labelOf: (run: RunView) => string): Section {
  const known = runs.filter(({ requests }) => requests?.some(({ isOk }) => isOk));
  const drawn = evenly(known, MOST_CURVES);
  const looks = looksOf(drawn);
  const charts = METRICS.map((metric) => cdfChart(metric, drawn, looks)).filter((chart) => chart !== undefined);
  const legend: LegendEntry[] = drawn.map((run, i) => ({ name: labelOf(run), ...looks[i]! }));
  return { title: 'Distributions', remark: remark(runs.length, known.length, drawn.length), legend, charts, columns: 2 };
}

function remark(all: number, known: number, drawn: number): string {
  const missing = all - known;
  return [
    'Share of completed requests (of gaps, for ITL) at or below a latency.',
    missing > 0 ? `${missing} of ${all} files have no single requests: --save-result keeps them beside the result, --save-detailed in it.` : '',
    drawn < known ? `${drawn} of ${known} runs are drawn.` : '',
  ].filter((sentence) => sentence !== '').join(' ');
}

function cdfChart(metric: Metric, runs: readonly RunView[], looks: ReturnType<typeof looksOf>): Markup | undefined {
  const curves: Curve[] = runs.map((run, i) => ({ draw: 'line', points: cdfPoints(samplesOf(run.requests ?? [], metric)), ...looks[i]! }));
  const values = curves.flatMap(({ points }) => points.map(([x]) => x)).filter((x) => x > 0);
  if (values.length === 0) return undefined;
  const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  const isLog = high / low > 20;
  const shown = curves.map((curve) => ({ ...curve, points: isLog ? curve.points.map(([x, y]): Point => [Math.max(x, low), y]) : curve.points }));
  const x = { label: `${metric.toUpperCase()} (ms)`, isLog, ...(isLog ? {} : rangeOf(low, high)) };
  return xyChart({ title: METRIC_TITLES[metric], x, y: { label: 'share', from: 0, to: 1 }, curves: shown });
}

/** Narrow distributions far from 0 fill the width all the same. */
function rangeOf(low: number, high: number): { from?: number; to?: number } {
  return high > low && low > 0.5 * high ? { from: low - 0.05 * (high - low), to: high + 0.05 * (high - low) } : {};
}

/** Order statistics against (i + 1) / N, thinned to what a picture can show, with both ends kept. */
export function cdfPoints(samples: readonly number[]): Point[] {
  const sorted = Float64Array.from(samples).sort();
  const n = sorted.length;
  if (n === 0) return [];
  const indexes = n <= STEPS ? Array.from({ length: n }, (_, i) => i) : Array.from({ length: STEPS + 1 }, (_, i) => Math.round((i / STEPS) * (n - 1)));
  return [[sorted[0]!, 0], ...indexes.map((i): Point => [sorted[i]!, (i + 1) / n])];
}

function evenly<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, i) => items[Math.round((i * (items.length - 1)) / (most - 1))]!);
}
