// Throughput against latency: what the whole server gives for what a user waits. The line joins runs that no other beats in both.
import type { LegendEntry, Section } from '../content.js';
import { xyChart, type Curve, type Mark, type Point } from '../html/xy-chart.js';
import type { Markup } from '../markup.js';
import { figure } from '../numbers.js';
import { shownValue } from '../percentile-text.js';
import { percentileOfRun, type RunView } from '../run-view.js';
import { paretoFront } from '../sweep.js';
import { lookOf } from './look.js';

interface View {
  title: string;
  label: string;
  /** Undefined where the run has no such figure. */
  valueOf: (run: RunView) => number | undefined;
  /** What costs, so that less is better. */
  costOf: (value: number) => number;
}

const atMedian = (metric: 'tpot' | 'e2el') => (run: RunView) => shownValue(percentileOfRun(run, metric, 50));

const VIEWS: View[] = [
  { title: 'Throughput against latency', label: 'E2EL p50 (ms)', valueOf: atMedian('e2el'), costOf: (latency) => latency },
  {
    title: 'Throughput against speed for a user',
    label: 'tok/s per user (1 / TPOT p50)',
    valueOf: (run) => {
      const tpot = atMedian('tpot')(run);
      return tpot ? 1000 / tpot : undefined;
    },
    costOf: (speed) => -speed,
  },
];

export function paretoSection(runs: readonly RunView[], labelOf: (run: RunView) => string): Section {
  const names = [...new Set(runs.map(({ series }) => series))];
  const legend: LegendEntry[] = names.map((name, i) => ({ name, color: lookOf(i).color }));
  const charts = VIEWS.map((view) => chart(view, runs, names, labelOf)).filter((drawn) => drawn !== undefined);
  return { title: 'Throughput against latency', remark: 'The line joins the runs that no other of the series beats in both; the others are hollow.', legend, charts, columns: 2 };
}

function chart({ title, label, valueOf, costOf }: View, runs: readonly RunView[], names: readonly string[], labelOf: (run: RunView) => string): Markup | undefined {
  const curves: Curve[] = [];
  const marks: Mark[] = [];
  names.forEach((name, i) => {
    const points = runs.filter(({ series }) => series === name).flatMap((run) => {
      const value = valueOf(run);
      return value === undefined ? [] : [{ run, cost: costOf(value), gain: run.file.output_throughput, at: [value, run.file.output_throughput] as Point }];
    });
    const front = paretoFront(points);
    const { color } = lookOf(i);
    curves.push({ draw: 'line', points: front.map(({ at }) => at), color });
    marks.push(...points.map((point) => ({ point: point.at, color, label: labelOf(point.run), detail: `${labelOf(point.run)}: ${figure(point.at[1])} tok/s, ${label} ${figure(point.at[0])}`, isHollow: !front.includes(point) })));
  });
  return marks.length < 2 ? undefined : xyChart({ title, x: { label }, y: { label: 'output tok/s' }, curves, marks });
}
