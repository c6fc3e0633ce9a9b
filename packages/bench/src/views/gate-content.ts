// The report of a gate on stored results.
import type { GateFigure, GateResult } from '../compare/gate.js';
import { verdictLine } from '../compare/gate-text.js';
import type { Check, DataTable, ReportContent, Section } from './content.js';
import { forestChart, type ForestLine } from './html/forest-chart.js';
import { figure, percent } from './numbers.js';

const MOODS = { pass: 'good', fail: 'bad', undecided: 'open' } as const;

export function gateContent(result: GateResult, threshold: number): ReportContent {
  const table = figuresTable(result.figures);
  const line = verdictLine(result, threshold);
  return {
    title: `Gate: ${result.figures[0]!.metric}`,
    headline: { text: line, mood: MOODS[result.verdict] },
    facts: [['baseline', `${result.runs.baseline} runs`], ['candidate', `${result.runs.candidate} runs`], ['threshold', percent(threshold).slice(1)]],
    tiles: [],
    tables: [table],
    csv: table,
    notes: result.notes.map((text) => ({ about: '', text })),
    checks: [checkOf(result, line)],
    sections: () => [lossSection(result, threshold)],
  };
}

function figuresTable(figures: readonly GateFigure[]): DataTable {
  const columns = [['metric', 'figure'], ['baseline', 'baseline'], ['candidate', 'candidate'], ['loss', 'candidate is worse by'], ['loss_lower', 'at least'], ['loss_upper', 'at most']].map(([key, title]) => ({ key: key!, title: title! }));
  const share = (value: number | undefined) => (value === undefined ? undefined : { value, text: percent(value) });
  const rows = figures.map(({ metric, baseline, candidate, loss, interval }, i) => [
    i === 0 ? { value: metric, text: `${metric} (decides)` } : metric,
    { value: baseline, text: figure(baseline) },
    { value: candidate, text: figure(candidate) },
    share(loss),
    share(interval?.lower),
    share(interval?.upper),
  ]);
  return { title: 'Figures', columns, rows };
}

/** Only the first figure decides; undecided is left to CI, as the exit code is. */
function checkOf({ verdict, figures }: GateResult, message: string): Check {
  const outcome = { pass: 'pass', fail: 'fail', undecided: 'skipped' } as const;
  return { suite: 'gate', name: `no regression in ${figures[0]!.metric}`, outcome: outcome[verdict], message };
}

function lossSection({ figures, confidence }: GateResult, threshold: number): Section {
  const lines = figures.map(({ metric, loss, interval }): ForestLine => ({ name: metric, change: loss, interval: interval && [interval.lower, interval.upper], mood: moodOf(interval, threshold) }));
  const remark = `Right of zero: worse. The first decides (interval of ${Number((100 * confidence).toFixed(2))} %); those of the others hold all at once. Green: a loss of ${percent(threshold).slice(1)} is excluded; red: no loss is.`;
  return { title: 'Losses', remark, charts: [forestChart('Candidate against baseline', lines, 'loss (%)')], columns: 2 };
}

function moodOf(interval: GateFigure['interval'], threshold: number): ForestLine['mood'] {
  if (interval === undefined) return 'open';
  if (interval.upper < threshold) return 'good';
  return interval.lower > 0 ? 'bad' : 'open';
}
