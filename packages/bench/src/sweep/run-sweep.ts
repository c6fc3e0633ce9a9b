// The same load at several levels, one run a level with texts of its own, lowest first; then the first again: a server that answers it
// otherwise than before has drifted, and so may have every level between.
import type { BenchInput } from '../bench-options.js';
import { runBenchmark, type BenchHooks } from '../run-benchmark.js';
import { keptLevel } from './kept-level.js';
import { kneeOf } from './knee.js';
import type { LevelReport, LevelResult } from './level-result.js';
import { levelPath, levelSave, type Series } from './series-file.js';

export type SweptOver = 'concurrency' | 'rate';

export interface Sweep {
  over: SweptOver;
  levels: LevelResult[];
  again?: LevelResult | undefined;
  /** How much more the repeated level gave than the first time, as a share: of output a second, or of E2EL at a rate. */
  drift?: number | undefined;
  /** Level beyond which more load is not worth what it costs. */
  knee?: number | undefined;
}

export interface SweepHooks extends BenchHooks {
  onLevel?: ((level: number, isAgain: boolean) => void) | undefined;
  onResult?: ((result: LevelResult, isAgain: boolean) => void) | undefined;
  /** Levels whose files are there and whole are taken from them. */
  resume?: boolean | undefined;
}

/** Above it, a drift is told. */
export const MOST_DRIFT = 0.03;

export async function runSweep(over: SweptOver, levels: readonly number[], given: BenchInput, hooks: SweepHooks = {}, series?: Series): Promise<Sweep> {
  const sorted = [...new Set(levels)].sort((a, b) => a - b);
  const sweep: Sweep = { over, levels: [] };
  for (const level of sorted) {
    const result = await runLevel({ over, level, given, isAgain: false }, hooks, series);
    sweep.levels.push(result);
    if (hooks.signal?.aborted) return sweep;
  }
  sweep.knee = kneeOf(over, sweep.levels);
  if (sorted.length > 1) {
    sweep.again = await runLevel({ over, level: sorted[0]!, given, isAgain: true }, hooks, series);
    sweep.drift = driftOf(over, sweep.levels[0]!.report, sweep.again.report);
  }
  return sweep;
}

interface LevelRun {
  over: SweptOver;
  level: number;
  given: BenchInput;
  isAgain: boolean;
}

async function runLevel({ over, level, given, isAgain }: LevelRun, hooks: SweepHooks, series: Series | undefined): Promise<LevelResult> {
  const name = `${over}-${level}${isAgain ? '-again' : ''}`;
  const input: BenchInput = {
    ...given,
    ...(over === 'concurrency' ? { maxConcurrency: level === Infinity ? undefined : level } : { requestRate: level }),
    numPrompts: given.numPrompts ?? requestsFor(over, level, given.datasetName),
    salt: `${given.salt ?? ''}/${name}`,
    save: levelSave(given.save, series, name),
  };
  const kept = hooks.resume && series && !isAgain ? keptLevel(levelPath(series, name), level, input) : undefined;
  if (!kept) hooks.onLevel?.(level, isAgain);
  const result: LevelResult = kept ?? { level, report: await runBenchmark(input, hooks) };
  hooks.onResult?.(result, isAgain);
  return result;
}

/** Five times the concurrency, or a minute of the rate, and not fewer than a hundred; undefined where a file says how many there are. */
function requestsFor(over: SweptOver, level: number, datasetName: string | undefined): number | undefined {
  if (level === Infinity || ['custom', 'trtllm_custom', 'azure', 'mooncake'].includes(datasetName ?? '')) return undefined;
  return Math.max(100, Math.ceil((over === 'concurrency' ? 5 : 60) * level));
}

function driftOf(over: SweptOver, first: LevelReport, again: LevelReport): number | undefined {
  const figure = (report: LevelReport): number | undefined => (over === 'concurrency' ? report.outputThroughput : report.latencies.e2el?.median);
  const [before, after] = [figure(first), figure(again)];
  return before !== undefined && after !== undefined && before > 0 ? after / before - 1 : undefined;
}
