// The 50-column block that scripts parse: labels, order and widths of TensorRT-LLM's benchmark_serving, numbers only.
import type { BenchOptions } from '../bench-options.js';
import type { BenchReport } from './bench-report.js';
import type { Distribution } from '../statistics/distribution.js';
import { METRIC_TITLES, METRICS } from '../metrics.js';
import { percentileCell } from './percentile-cell.js';
import { percentileName } from './percentile-name.js';
import { compatDistribution } from './report-json.js';

const WIDTH = 50;

export function compatBlock(report: BenchReport): string {
  const lines = [
    centred(' Serving Benchmark Result ', '='),
    row('Total requests:', report.planned),
    row('Successful requests:', report.completed),
    row('Failed requests:', report.failed),
    row('Benchmark duration (s):', fixed(report.durationS)),
    row('Total input tokens:', report.inputTokens),
    row('Total generated tokens:', report.outputTokens),
    row('Request throughput (req/s):', fixed(report.requestThroughput)),
    ...(report.goodput === undefined ? [] : [row('Request goodput (req/s):', fixed(report.goodput))]),
    row('Output token throughput (tok/s):', fixed(report.outputThroughput)),
    row('Total Token throughput (tok/s):', fixed(report.totalThroughput)),
    row('User throughput (tok/s):', fixed(report.userThroughput)),
    ...(report.tokensPerStep === undefined ? [] : [row('Avg Decoded Tokens per Iter:', fixed(report.tokensPerStep.mean))]),
  ];
  for (const metric of METRICS) {
    const distribution = compatDistribution(report, metric);
    if (distribution === undefined || !report.options.percentileMetrics.includes(metric)) continue;
    lines.push(centred(METRIC_TITLES[metric], '-'), ...metricRows(metric.toUpperCase(), distribution, report.options));
  }
  lines.push('='.repeat(WIDTH));
  return lines.join('\n');
}

function metricRows(name: string, distribution: Distribution, options: BenchOptions): string[] {
  const percentiles = distribution.percentiles.filter(({ p }) => options.metricPercentiles.includes(p));
  return [
    row(`Mean ${name} (ms):`, fixed(distribution.mean)),
    row(`Median ${name} (ms):`, fixed(distribution.median)),
    ...percentiles.map((percentile) => row(`${percentileName(percentile.p).toUpperCase()} ${name} (ms):`, percentileCell(percentile, options.forcePercentiles, fixed))),
  ];
}

function row(label: string, value: number | string): string {
  return `${label.padEnd(40)} ${String(value).padEnd(10)}`;
}

function fixed(value: number): string {
  return value.toFixed(2);
}

/** An odd blank goes to the right, as Python's `^` has it. */
function centred(title: string, fill: string): string {
  const left = Math.floor((WIDTH - title.length) / 2);
  return (fill.repeat(left) + title).padEnd(WIDTH, fill);
}
