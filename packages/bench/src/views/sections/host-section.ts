// What the host did while a run went on, as --host-metrics sampled it.
import { z } from 'zod';
import type { Section } from '../content.js';
import { xyChart, type Curve, type Point } from '../html/xy-chart.js';
import type { Markup } from '../markup.js';
import type { RunView } from '../run-view.js';
import { lookOf } from './look.js';

const rows = z.array(z.array(z.number().nullable()));
const hostMetrics = z.object({ series: z.object({ host: rows, host_columns: z.array(z.string()), gpu: rows, gpu_columns: z.array(z.string()) }) });

const WIDTH = 380;
const GIB = 2 ** 30;

export function hostSection(runs: readonly RunView[], labelOf: (run: RunView) => string): Section {
  const charts = runs.flatMap((run) => {
    const parsed = hostMetrics.safeParse(run.file.trtllm?.['host_metrics']);
    return parsed.success ? hostCharts(parsed.data.series, runs.length > 1 ? `${labelOf(run)}: ` : '') : [];
  });
  return { title: 'Host of the client', remark: 'Seconds since the run began. Several GPUs have a line each.', charts, columns: 3 };
}

function hostCharts({ host, host_columns: names, gpu, gpu_columns: gpuNames }: z.infer<typeof hostMetrics>['series'], prefix: string): Markup[] {
  const indexes = [...new Set(gpu.map((row) => row[gpuNames.indexOf('index')]))];
  const onGpu = (name: string, scale: number): Curve[] => indexes.map((index, i) => lineOf(gpu.filter((row) => row[gpuNames.indexOf('index')] === index), gpuNames, name, scale, i));
  return [
    chart(`${prefix}CPU busy`, '%', [lineOf(host, names, 'cpu_share', 100, 0)]),
    chart(`${prefix}this client`, '% of a core', [lineOf(host, names, 'bench_cpu_cores', 100, 1)]),
    chart(`${prefix}memory used`, 'GiB', [lineOf(host, names, 'memory_used_bytes', 1 / GIB, 2)]),
    chart(`${prefix}GPU busy`, '%', onGpu('utilization_percent', 1)),
    chart(`${prefix}GPU memory used`, 'GiB', onGpu('memory_used_mib', 1 / 1024)),
    chart(`${prefix}GPU power`, 'W', onGpu('power_w', 1)),
  ].filter((drawn) => drawn !== undefined);
}

function chart(title: string, unit: string, curves: Curve[]): Markup | undefined {
  const times = curves.flatMap(({ points }) => points.map(([at]) => at));
  if (times.length < 2) return undefined;
  return xyChart({ title, x: { label: 'time (s)', from: Math.min(0, ...times.slice(0, 1)), to: times.at(-1)! }, y: { label: unit }, width: WIDTH, curves });
}

/** What was not told leaves no point. */
function lineOf(samples: (number | null)[][], names: string[], name: string, scale: number, look: number): Curve {
  const [at, column] = [names.indexOf('at_ms'), names.indexOf(name)];
  const points = samples.flatMap((row): Point[] => {
    const [time, value] = [row[at], row[column]];
    return typeof time === 'number' && typeof value === 'number' ? [[time / 1000, value * scale]] : [];
  });
  return { draw: 'line', points, ...lookOf(look) };
}
