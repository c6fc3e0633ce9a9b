// What was watched beside the requests while a run went on: the client's host (--host-metrics), and the server as it tells of itself (--server-metrics).
import { z } from 'zod';
import type { Section } from '../content.js';
import { xyChart, type Curve, type Point } from '../html/xy-chart.js';
import type { Markup } from '../markup.js';
import type { RunView } from '../run-view.js';
import { lookOf } from './look.js';

const rows = z.array(z.array(z.number().nullable()));
const columns = z.array(z.string());
const serverMetrics = z.object({ series: rows, series_columns: columns });
const hostMetrics = z.object({ series: z.object({ host: rows, host_columns: columns, gpu: rows, gpu_columns: columns }) });

const WIDTH = 380;
const GIB = 2 ** 30;

/** Samples by the names of their columns; `at_ms` counts from the start of the run. */
interface Samples {
  rows: (number | null)[][];
  columns: string[];
}

export function observedSections(runs: readonly RunView[], labelOf: (run: RunView) => string): Section[] {
  const chartsOf = (draw: (run: RunView, prefix: string) => Markup[]): Markup[] => runs.flatMap((run) => draw(run, runs.length > 1 ? `${labelOf(run)}: ` : ''));
  return [
    { title: 'Server', remark: 'As the server tells of itself. Seconds since the run began.', charts: chartsOf(serverCharts), columns: 3 },
    { title: 'Host of the client', remark: 'Seconds since the run began. Several GPUs have a line each.', charts: chartsOf(hostCharts), columns: 3 },
  ];
}

function serverCharts({ file }: RunView, prefix: string): Markup[] {
  const parsed = serverMetrics.safeParse(file.trtllm?.['server_metrics']);
  if (!parsed.success) return [];
  const samples: Samples = { rows: parsed.data.series, columns: parsed.data.series_columns };
  return drawn([
    [`${prefix}KV cache used`, '%', [lineOf(samples, 'kv_use_share', 100, 0)]],
    [`${prefix}requests running`, 'requests', [lineOf(samples, 'running_requests', 1, 1)]],
    [`${prefix}requests queued`, 'requests', [lineOf(samples, 'queued_requests', 1, 2)]],
  ]);
}

function hostCharts({ file }: RunView, prefix: string): Markup[] {
  const parsed = hostMetrics.safeParse(file.trtllm?.['host_metrics']);
  if (!parsed.success) return [];
  const { series } = parsed.data;
  const host: Samples = { rows: series.host, columns: series.host_columns };
  const gpus = byGpu({ rows: series.gpu, columns: series.gpu_columns });
  const onGpus = (name: string, scale: number): Curve[] => gpus.map((gpu, i) => lineOf(gpu, name, scale, i));
  return drawn([
    [`${prefix}CPU busy`, '%', [lineOf(host, 'cpu_share', 100, 0)]],
    [`${prefix}this process`, '% of a core', [lineOf(host, 'bench_cpu_cores', 100, 1)]],
    [`${prefix}memory used`, 'GiB', [lineOf(host, 'memory_used_bytes', 1 / GIB, 2)]],
    [`${prefix}GPU busy`, '%', onGpus('utilization_percent', 1)],
    [`${prefix}GPU memory used`, 'GiB', onGpus('memory_used_mib', 1 / 1024)],
    [`${prefix}GPU power`, 'W', onGpus('power_w', 1)],
  ]);
}

function byGpu({ rows: samples, columns: names }: Samples): Samples[] {
  const indexOf = (row: (number | null)[]): number | null | undefined => row[names.indexOf('index')];
  return [...new Set(samples.map(indexOf))].map((index) => ({ rows: samples.filter((row) => indexOf(row) === index), columns: names }));
}

/** What was not told leaves no point. */
function lineOf({ rows: samples, columns: names }: Samples, name: string, scale: number, look: number): Curve {
  const [at, column] = [names.indexOf('at_ms'), names.indexOf(name)];
  const points = samples.flatMap((row): Point[] => {
    const [time, value] = [row[at], row[column]];
    return typeof time === 'number' && typeof value === 'number' ? [[time / 1000, value * scale]] : [];
  });
  return { draw: 'line', points, ...lookOf(look) };
}

/** A line takes two points. */
function drawn(charts: [title: string, unit: string, curves: Curve[]][]): Markup[] {
  return charts.flatMap(([title, unit, curves]) => {
    const times = curves.flatMap(({ points }) => points.map(([at]) => at));
    if (!curves.some(({ points }) => points.length > 1)) return [];
    const x = { label: 'time (s)', from: times.reduce((a, b) => Math.min(a, b), 0), to: times.reduce((a, b) => Math.max(a, b)) };
    return [xyChart({ title, x, y: { label: unit }, width: WIDTH, curves })];
  });
}
