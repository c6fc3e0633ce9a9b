// The report of two servers measured by turns.
import type { AbResult } from '../compare/interleave.js';
import { alwaysValidInterval } from '../compare/sequential-test.js';
import type { Check, DataTable, ReportContent, Section } from './content.js';
import { xyChart, type Mark, type Point } from './html/xy-chart.js';
import { figure, percent } from './numbers.js';

export interface AbFacts {
  /** URLs, or the commands that started them. */
  names: { a: string; b: string };
  metric: string;
  /** A share. */
  threshold: number;
  /** The line that the command ends with. */
  verdictLine: string;
}

const MOODS = { pass: 'good', fail: 'bad', undecided: 'open' } as const;

export function abContent(result: AbResult, { names, metric, threshold, verdictLine }: AbFacts): ReportContent {
  const table = pairsTable(result);
  return {
    title: `Baseline and candidate: ${metric}`,
    headline: { text: verdictLine, mood: MOODS[result.verdict] },
    facts: [['a, baseline', names.a], ['b, candidate', names.b], ['metric', metric], ['threshold', percent(threshold).slice(1)], ['pairs', String(result.pairs.length)]],
    tiles: [],
    tables: result.first ? [table, { ...pairsTable(result.first), title: 'Pairs of the first test' }] : [table],
    csv: table,
    notes: [],
    checks: [checkOf(result, metric, verdictLine)],
    sections: () => [pairsSection(result, threshold)],
  };
}

const loss = (difference: number): number => Math.expm1(difference);

function pairsTable({ pairs }: AbResult): DataTable {
  const columns = [['pair', 'pair'], ['first', 'first'], ['a', 'a'], ['b', 'b'], ['loss', 'b is worse by']].map(([key, title]) => ({ key: key!, title: title! }));
  const rows = pairs.map(({ a, b, first, difference }, i) => [i + 1, first, { value: a, text: figure(a) }, { value: b, text: figure(b) }, { value: loss(difference), text: percent(loss(difference)) }]);
  return { title: 'Pairs', columns, rows };
}

/** Undecided is neither: the exit code of the command lets CI choose. */
function checkOf({ verdict }: AbResult, metric: string, message: string): Check {
  const outcome = { pass: 'pass', fail: 'fail', undecided: 'skipped' } as const;
  return { suite: 'ab', name: `no regression in ${metric}`, outcome: outcome[verdict], message };
}

function pairsSection({ pairs }: AbResult, threshold: number): Section {
  const differences = pairs.map(({ difference }) => difference);
  const inPercent = (difference: number): number => 100 * loss(difference);
  const singles = differences.map((difference, i): Point => [i + 1, inPercent(difference)]);
  const means = differences.map((_, i): Mark => {
    const soFar = differences.slice(0, i + 1);
    const mean = soFar.reduce((sum, d) => sum + d, 0) / soFar.length;
    const interval = alwaysValidInterval(soFar);
    const ends = interval && ([inPercent(interval.lower), inPercent(interval.upper)] as const);
    return { point: [i + 1, inPercent(mean)], color: 0, interval: ends, detail: `after pair ${i + 1}: ${figure(inPercent(mean))} %${ends ? ` (${figure(ends[0])} to ${figure(ends[1])})` : ''}` };
  });
  const chart = xyChart({
    title: 'How much worse b is',
    x: { label: 'pair', from: 0, to: pairs.length + 1 },
    y: { label: 'loss (%)' },
    curves: [{ draw: 'dots', points: singles, color: 1, isFaint: true }],
    marks: means,
    level: { y: 100 * threshold, text: 'threshold' },
    width: 1140,
  });
  return { title: 'Evidence', remark: 'Faint: each pair. Full: the mean so far, with an interval that holds at 95 % however often one looks, from the sixth pair on.', charts: [chart], columns: 2 };
}
