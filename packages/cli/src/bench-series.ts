// The runs of a sweep or a search, shown as they come: what `trtllm bench` prints and returns for them.
import type { BenchInput, BenchProgress, BenchReport } from '@trtllm/bench';
import { stopSignal } from './stop-signal.js';
import type { searchInput, sweptLevels } from './bench-series-flags.js';

export interface SeriesOutput {
  log: (text: string) => void;
  progress: (text: string) => void;
}

export interface SeriesResult {
  json: Record<string, unknown>;
  runs: { label: string; report: BenchReport }[];
}

type Swept = NonNullable<ReturnType<typeof sweptLevels>>;
type Searched = NonNullable<ReturnType<typeof searchInput>>;
type TextOf = (progress: BenchProgress) => string;

export async function sweep({ over, levels }: Swept, input: BenchInput, { log, progress }: SeriesOutput, textOf: TextOf): Promise<SeriesResult> {
  const { formatReport, formatSweep, runSweep, seriesFile, sweepJson, writeSeries } = await import('@trtllm/bench');
  const series = seriesFile(input.save, 'sweep', input.backend ?? 'openai', new Date());
  let name = '';
  const hooks = {
    signal: stopSignal(),
    onLevel: (level: number, isAgain: boolean) => (name = `${over} ${level === Infinity ? 'inf' : level}${isAgain ? ' again' : ''}`),
    onProgress: (now: BenchProgress) => progress(`${name}: ${textOf(now)}`),
    onResult: ({ report }: { report: BenchReport }) => log(`${name}\n${formatReport(report)}`),
  };
  const result = await runSweep(over, levels, input, hooks, series);
  const json = sweepJson(result);
  writeSeries(series, json);
  log(formatSweep(result));
  return { json, runs: result.levels.map(({ level, report }) => ({ label: `${over} ${level === Infinity ? 'inf' : level}`, report })) };
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
  return { json, runs: result.reports.map(({ load, report }) => ({ label: load === Infinity ? 'all at once' : `${wanted.over} ${load.toPrecision(4)}`, report })) };
}
