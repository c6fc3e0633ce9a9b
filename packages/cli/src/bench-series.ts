// The runs of a sweep or a search, shown as they come: what `trtllm bench` prints and returns for them.
import type { BenchInput, BenchProgress, FreshRun, LevelResult, ReadRun } from '@trtllm/bench';
import { stopSignal } from './stop-signal.js';
import type { searchInput, sweptLevels } from './bench-series-flags.js';

export interface SeriesOutput {
  log: (text: string) => void;
  progress: (text: string) => void;
}

export interface SeriesResult {
  json: Record<string, unknown>;
  runs: (FreshRun | ReadRun)[];
  completed: number;
  failed: number;
}

type Swept = NonNullable<ReturnType<typeof sweptLevels>> & { resume: boolean };
type Searched = NonNullable<ReturnType<typeof searchInput>>;
type TextOf = (progress: BenchProgress) => string;

export async function sweep({ over, levels, resume }: Swept, input: BenchInput, { log, progress }: SeriesOutput, textOf: TextOf): Promise<SeriesResult> {
  const { formatReport, formatSweep, runSweep, seriesFile, sweepJson, writeSeries } = await import('@trtllm/bench');
  const series = seriesFile(input.save, 'sweep', input.backend ?? 'openai', new Date());
  const nameOf = (level: number): string => `${over} ${level === Infinity ? 'inf' : level}`;
  let name = '';
  const hooks = {
    signal: stopSignal(),
    resume,
    onLevel: (level: number, isAgain: boolean) => (name = `${nameOf(level)}${isAgain ? ' again' : ''}`),
    onProgress: (now: BenchProgress) => progress(`${name}: ${textOf(now)}`),
    onResult: (result: LevelResult) => log(result.kept ? `${nameOf(result.level)}: as in ${result.kept.path}` : `${name}\n${formatReport(result.report)}`),
  };
  const result = await runSweep(over, levels, input, hooks, series);
  const json = sweepJson(result);
  writeSeries(series, json);
  log(formatSweep(result));
  const runs = result.levels.map(({ level, report, kept }) => ({ label: nameOf(level), ...(kept ?? { report }) }));
  return { json, runs, ...counts(result.levels) };
}

export async function search(wanted: Searched, input: BenchInput, { log, progress }: SeriesOutput, textOf: TextOf): Promise<SeriesResult> {
  const { formatSearch, searchJson, searchServer, seriesFile, writeSeries } = await import('@trtllm/bench');
  const series = seriesFile(input.save, 'search', input.backend ?? 'openai', new Date());
  let name = '';
  const hooks = {
    signal: stopSignal(),
    onProbe: (load: number) => (name = load === Infinity ? 'all at once' : `${wanted.over} ${load.toPrecision(4)}`),
    onProgress: (now: BenchProgress) => progress(`${name}: ${textOf(now)}`),
  };
  const result = await searchServer({ ...wanted, probe: input }, hooks, series);
  const json = searchJson(result);
  writeSeries(series, json);
  log(formatSearch(result));
  const runs = result.reports.map(({ load, report }) => ({ label: load === Infinity ? 'all at once' : `${wanted.over} ${load.toPrecision(4)}`, report }));
  return { json, runs, ...counts(result.reports) };
}

function counts(runs: readonly { report: { completed: number; failed: number } }[]): { completed: number; failed: number } {
  const sum = (name: 'completed' | 'failed'): number => runs.reduce((total, { report }) => total + report[name], 0);
  return { completed: sum('completed'), failed: sum('failed') };
}
