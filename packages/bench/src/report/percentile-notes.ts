// Which percentiles of a report its samples cannot support, and how many samples they take.
import type { Percentile } from '../statistics/distribution.js';
import type { BenchReport, LatencyName, Note } from './bench-report.js';
import { isShown } from './percentile-cell.js';
import { percentileName } from './percentile-name.js';

type Measured = Pick<BenchReport, 'latencies' | 'options'>;

export function percentileNotes(report: Measured): Note[] {
  const isRefused = (percentile: Percentile): boolean => !isShown(percentile, report.options.forcePercentiles);
  const refused = lacking(report, isRefused);
  const marked = lacking(report, (percentile) => !isRefused(percentile));
  return [
    ...(refused === '' ? [] : [{ code: 'percentile-refused', text: `too few samples, so not shown (--force shows it, marked *): ${refused}` }]),
    ...(marked === '' ? [] : [{ code: 'percentile-unsupported', text: `too few samples, so marked *: ${marked}` }]),
  ];
}

/** "p90 takes 36, TTFT has 12, ITL has 30; p99 takes 368, …": of the unsupported percentiles that pass the test. */
function lacking({ latencies }: Measured, test: (percentile: Percentile) => boolean): string {
  const byPercentile = new Map<string, string[]>();
  for (const name of namesOf(latencies)) {
    const { n, percentiles } = latencies[name]!;
    for (const percentile of percentiles.filter((each) => !each.isSupported && !each.isCensored && test(each))) {
      const what = `${percentileName(percentile.p)} takes ${percentile.needs}`;
      byPercentile.set(what, [...(byPercentile.get(what) ?? []), `${name.toUpperCase()} has ${n}`]);
    }
  }
  return [...byPercentile].map(([what, counts]) => [what, ...counts].join(', ')).join('; ');
}

/** ICL where its samples are not as many as ITL's; the compatible files print it as ITL. */
function namesOf(latencies: BenchReport['latencies']): LatencyName[] {
  const names: LatencyName[] = ['ttft', 'tpot', 'itl', 'icl', 'e2el'];
  return names.filter((name) => latencies[name] !== undefined && (name !== 'icl' || latencies.icl?.n !== latencies.itl?.n));
}
