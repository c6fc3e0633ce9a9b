// The report of two stored results side by side.
import type { ComparedFigure, Comparison } from '../compare/compare-results.js';
import type { Metric } from '../metrics.js';
import type { Check, DataTable, ReportContent, Section } from './content.js';
import { forestChart, type ForestLine } from './html/forest-chart.js';
import { figure, percent } from './numbers.js';
import { notesOf } from './run-notes.js';
import type { RunView } from './run-view.js';
import { cdfSection } from './sections/cdf-section.js';
import { timelineSection } from './sections/timeline-section.js';

export function comparisonContent({ figures, differences }: Comparison, a: RunView, b: RunView): ReportContent {
  const table = figuresTable(figures);
  const worse = figures.filter(isWorse);
  return {
    title: `${a.label} (a) and ${b.label} (b)`,
    headline: worse.length > 0 ? { mood: 'bad', text: `b is worse, intervals apart: ${worse.map(({ name, change }) => `${name} ${percent(change)}`).join(', ')}` } : undefined,
    facts: [['model', [...new Set([a, b].map(({ file }) => file.model_id ?? '-'))].join(' and ')], ['a', a.file.date ?? '-'], ['b', b.file.date ?? '-']],
    tiles: [],
    tables: [table],
    csv: table,
    notes: [
      ...differences.map((text) => ({ about: 'not the same in both runs', text })),
      { about: '', text: 'What the machine did differently between two runs is in every difference, and in no interval here: trtllm bench ab measures both at once.' },
      ...notesOf([a, b], (run) => (run === a ? 'a' : 'b')),
    ],
    checks: figures.map(checkOf),
    sections: () => sectionsOf(figures, a, b),
  };
}

const isWorse = ({ isApart, isBetter, change }: ComparedFigure): boolean => isApart === true && !isBetter && change !== 0;

function figuresTable(figures: readonly ComparedFigure[]): DataTable {
  const columns = [['figure', 'figure'], ['a', 'a'], ['b', 'b'], ['change', 'change'], ['b_is', 'b is'], ['intervals', '95 % intervals']].map(([key, title]) => ({ key: key!, title: title! }));
  const rows = figures.map(({ name, a, b, change, isBetter, isApart }) => [
    name,
    { value: a, text: figure(a) },
    { value: b, text: figure(b) },
    { value: change, text: percent(change) },
    change === 0 ? 'same' : isBetter ? 'better' : 'worse',
    isApart === undefined ? undefined : isApart ? 'apart' : 'overlap',
  ]);
  return { title: 'Figures', columns, rows };
}

/** A stored result says little about a regression; what it can say is that intervals are apart. */
function checkOf(compared: ComparedFigure): Check {
  const { name, a, b, change, isApart } = compared;
  const message = `a ${figure(a)}, b ${figure(b)}: ${percent(change)}`;
  if (isApart === undefined) return { suite: 'compare', name, outcome: 'skipped', message: `${message}; no interval, so nothing to decide by` };
  return { suite: 'compare', name, message, outcome: isWorse(compared) ? 'fail' : 'pass' };
}

function sectionsOf(figures: readonly ComparedFigure[], a: RunView, b: RunView): Section[] {
  const label = (run: RunView): string => (run === a ? `a: ${a.label}` : `b: ${b.label}`);
  const lines = figures.map((compared): ForestLine => {
    const { name, change, isApart, isBetter } = compared;
    return { name, change, interval: changeInterval(name, a, b), mood: isApart ? (isBetter ? 'good' : 'bad') : 'open' };
  });
  const forest: Section = { title: 'Changes', remark: 'Bars reach from the best to the worst that both 95 % intervals allow. Green and red: intervals are apart; grey: they overlap, or there are none.', charts: [forestChart('b against a', lines, 'change from a to b (%)')], columns: 2 };
  return [forest, cdfSection([a, b], label), timelineSection([a, b], label)];
}

/** Of `p99_ttft_ms` and its like: every ratio that values of both intervals have. */
function changeInterval(name: string, a: RunView, b: RunView): [number, number] | undefined {
  const [percentile, metric] = name.replace(/^median/, 'p50').split('_');
  const [first, second] = [a, b].map(({ latencies }) => latencies[metric as Metric]?.intervals[percentile!]);
  return first && second && first[0] > 0 ? [second[0] / first[1] - 1, second[1] / first[0] - 1] : undefined;
}
