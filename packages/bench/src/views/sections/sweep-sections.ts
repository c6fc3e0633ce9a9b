// Runs as points: throughput and latencies over the setting that differs, and throughput against latency.
import { METRIC_TITLES, type Metric } from '../../metrics.js';
import { bendOf } from '../../statistics/bend.js';
import type { LegendEntry, Section } from '../content.js';
import { xyChart, type Curve, type Mark } from '../html/xy-chart.js';
import type { Markup } from '../markup.js';
import { figure } from '../numbers.js';
import { shownValue } from '../percentile-text.js';
import { percentileOfRun, type RunView } from '../run-view.js';
import { isSaturated, seriesOf, type SweepAxis, type SweepPoint } from '../sweep.js';
import { lookOf } from './look.js';

/** `labelOf`: a run's name beside its point. */
export function sweepSection(runs: readonly RunView[], axis: SweepAxis): Section {
  const series = seriesOf(runs, axis);
  const legend: LegendEntry[] = series.map(({ name }, i) => ({ name, color: lookOf(i).color }));
  const hasKnee = axis.short === 'c';
  const charts = [throughputChart(series, axis, hasKnee), ...(['ttft', 'tpot', 'e2el'] as const).map((metric) => latencyChart(metric, series, axis))];
  const remark = `Solid: p50, dashed: p99; bars: 95 % intervals where the samples give them.${hasKnee ? ' Ring: the knee, farthest above the chord.' : ''} Hollow: the server gave less than 95 % of the planned rate.`;
  return { title: `By ${axis.title}`, remark, legend, charts: charts.filter((chart) => chart !== undefined), columns: 2 };
}

type Series = ReturnType<typeof seriesOf>;

const xOf = (series: Series, axis: SweepAxis) => {
  const values = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  return { label: axis.title, isLog: axis.isLog && values[0]! > 0, ...(values.length <= 10 && { ticks: values }) };
};

function throughputChart(series: Series, axis: SweepAxis, hasKnee: boolean): Markup {
  const curves: Curve[] = [];
  const marks: Mark[] = [];
  series.forEach(({ points }, i) => {
    const heights = points.map(({ x, run }) => ({ x, y: run.file.output_throughput }));
    const knee = hasKnee ? bendOf(heights.map(({ x, y }) => ({ level: x, value: y }))) : undefined;
    curves.push({ draw: 'line', points: heights.map(({ x, y }) => [x, y] as const), color: lookOf(i).color });
    points.forEach(({ x, run }, j) => marks.push({ point: [x, heights[j]!.y], color: lookOf(i).color, detail: `${axis.short} ${x}: ${figure(heights[j]!.y)} tok/s`, isHollow: isSaturated(run), isRinged: knee === x }));
  });
  return xyChart({ title: 'Output throughput', x: xOf(series, axis), y: { label: 'output tok/s' }, curves, marks });
}

function latencyChart(metric: Metric, series: Series, axis: SweepAxis): Markup | undefined {
  const curves: Curve[] = [];
  const marks: Mark[] = [];
  series.forEach(({ points }, i) => {
    for (const p of [50, 99]) {
      const found = points.flatMap((point) => markOf(point, metric, p, lookOf(i).color, axis));
      curves.push({ draw: 'line', points: found.map(({ point }) => point), color: lookOf(i).color, isDashed: p === 99 });
      marks.push(...found);
    }
  });
  if (marks.length === 0) return undefined;
  const heights = marks.map(({ point }) => point[1]).filter((y) => y > 0);
  const isLog = heights.length === marks.length && Math.max(...heights) / Math.min(...heights) > 20;
  return xyChart({ title: METRIC_TITLES[metric], x: xOf(series, axis), y: { label: `${metric.toUpperCase()} (ms)`, isLog }, curves, marks });
}

function markOf({ x, run }: SweepPoint, metric: Metric, p: number, color: number, axis: SweepAxis): Mark[] {
  const value = shownValue(percentileOfRun(run, metric, p));
  if (value === undefined) return [];
  const interval = run.latencies[metric]?.intervals[`p${p}`] ?? undefined;
  const detail = `${axis.short} ${x}: p${p} ${figure(value)} ms${interval ? ` (${figure(interval[0])} to ${figure(interval[1])})` : ''}`;
  return [{ point: [x, value], color, detail, interval, isHollow: isSaturated(run) }];
}
