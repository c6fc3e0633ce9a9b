// The report of one run, or of several: tables by group, sweeps, distributions, time lines.
import type { ReportContent, Section } from './content.js';
import { figure } from './numbers.js';
import { percentileText } from './percentile-text.js';
import { runChecks } from './run-checks.js';
import { notesOf } from './run-notes.js';
import { percentileOfRun, type RunView } from './run-view.js';
import { csvTable, peopleTable } from './runs-table.js';
import { cdfSection } from './sections/cdf-section.js';
import { observedSections } from './sections/observed-section.js';
import { paretoSection } from './sections/pareto-section.js';
import { sweepSection } from './sections/sweep-sections.js';
import { timelineSection } from './sections/timeline-section.js';
import { turnSection, turnTables } from './turns.js';
import { seriesOf, sweepAxisOf } from './sweep.js';

export function runsContent(runs: readonly [RunView, ...RunView[]]): ReportContent {
  const groups = [...new Set(runs.map(({ group }) => group))].map((name) => ({ name, runs: inOrder(runs.filter(({ group }) => group === name)) }));
  const ordered = groups.flatMap((group) => group.runs);
  return {
    title: titleOf(runs),
    headline: headlineOf(runs),
    facts: factsOf(runs),
    tiles: runs.length === 1 ? tilesOf(runs[0]) : [],
    tables: groups.flatMap(({ name, runs: members }) => [peopleTable(name === '' ? 'Runs' : name, members), ...turnTables(name === '' ? 'Turns' : `${name}: turns`, members)]),
    csv: csvTable(ordered),
    notes: notesOf(ordered),
    checks: ordered.flatMap(runChecks),
    sections: () => groups.flatMap(({ name, runs: members }) => sectionsOf(members, groups.length > 1 ? `${name}: ` : '')),
  };
}

function headlineOf(runs: readonly RunView[]): ReportContent['headline'] {
  const told = (count: number, what: string): string => (runs.length === 1 ? what : `${what}: ${count} of ${runs.length} runs`);
  const failing = runs.filter(({ file }) => (file.failed ?? file.num_prompts - file.completed) > 0).length;
  const unbelievable = runs.filter(({ file }) => file.trtllm?.verdict?.believable === false).length;
  const texts = [...(unbelievable > 0 ? [told(unbelievable, 'Not believable')] : []), ...(failing > 0 ? [told(failing, 'Requests failed')] : [])];
  if (texts.length > 0) return { mood: 'bad', text: `${texts.join('. ')}. What was found is below.` };
  return runs.every(({ file }) => file.trtllm?.verdict?.believable) ? { mood: 'good', text: told(runs.length, 'Believable') } : undefined;
}

/** A sweep by its setting, system by system. */
function inOrder(runs: readonly RunView[]): RunView[] {
  const axis = sweepAxisOf(runs);
  return axis ? seriesOf(runs, axis).flatMap(({ points }) => points.map(({ run }) => run)) : [...runs];
}

function titleOf(runs: readonly RunView[]): string {
  const models = [...new Set(runs.map(({ file }) => file.model_id ?? ''))].filter((model) => model !== '');
  const subject = models.length === 0 ? '' : ` of ${models.length <= 2 ? models.join(' and ') : `${models.length} models`}`;
  return runs.length === 1 ? `Benchmark${subject}` : `${runs.length} benchmark runs${subject}`;
}

/** What is the same in every run. */
function factsOf(runs: readonly RunView[]): [string, string][] {
  const facts: [string, (run: RunView) => string | number | undefined][] = [
    ['server', ({ file }) => file.trtllm?.config?.base_url],
    ['backend', ({ file }) => file.backend],
    ['dataset', ({ file }) => file.trtllm?.config?.dataset],
    ['input', ({ file: { trtllm } }) => (trtllm?.config?.dataset === 'random' ? `${trtllm.config.input_len} tokens` : undefined)],
    ['output', ({ file: { trtllm } }) => (trtllm?.config?.dataset === 'random' ? `${trtllm.config.output_len} tokens` : undefined)],
    ['requests', ({ file }) => file.num_prompts],
    ['request rate', ({ requestRate }) => (Number.isFinite(requestRate) ? `${requestRate} req/s` : undefined)],
    ['maximum concurrency', ({ maxConcurrency }) => maxConcurrency],
    ['started', ({ file }) => file.trtllm?.started_at ?? file.date],
  ];
  return facts.flatMap(([name, valueOf]): [string, string][] => {
    const values = new Set(runs.map(valueOf));
    const [value] = values;
    return values.size === 1 && value !== undefined ? [[name, String(value)]] : [];
  });
}

function tilesOf(run: RunView): ReportContent['tiles'] {
  const at = (metric: 'ttft' | 'tpot' | 'e2el', p: number): ReportContent['tiles'] => {
    const found = percentileOfRun(run, metric, p);
    return found && found.value !== null ? [[`${metric.toUpperCase()} p${p}`, percentileText(found), 'ms']] : [];
  };
  const goodput = run.file.request_goodput;
  const rates: ReportContent['tiles'] = [
    ['output', figure(run.file.output_throughput), 'tok/s'],
    ['requests', figure(run.file.request_throughput), 'req/s'],
  ];
  if (typeof goodput === 'number') rates.push(['goodput', figure(goodput), 'req/s']);
  return [...rates, ...at('ttft', 50), ...at('ttft', 99), ...at('tpot', 50), ...at('e2el', 50)];
}

function sectionsOf(runs: readonly RunView[], prefix: string): Section[] {
  const axis = sweepAxisOf(runs);
  const hasSeveralSeries = new Set(runs.map(({ series }) => series)).size > 1;
  const labelOf = (run: RunView): string => (axis ? `${axis.short} ${axis.valueOf(run)}${hasSeveralSeries ? ` ${run.series}` : ''}` : run.label);
  const pointLabel = (run: RunView): string => (axis ? `${axis.short} ${axis.valueOf(run)}` : run.label);
  const sections = [...(runs.length > 1 ? [paretoSection(runs, pointLabel)] : []), ...(axis ? [sweepSection(runs, axis)] : []), cdfSection(runs, labelOf), turnSection(runs, labelOf), timelineSection(runs, labelOf), ...observedSections(runs, labelOf)];
  return sections.map((section) => ({ ...section, title: `${prefix}${section.title}` }));
}
