// Runs that differ in one setting are points of a sweep over it.
import type { RunView } from './run-view.js';

export interface SweepAxis {
  title: string;
  /** Before the value, in labels: "c 16". */
  short: string;
  /** Levels that double stand equally far apart. */
  isLog: boolean;
  valueOf: (run: RunView) => number | undefined;
}

const AXES: SweepAxis[] = [
  { title: 'maximum concurrency', short: 'c', isLog: true, valueOf: (run) => run.maxConcurrency },
  { title: 'request rate (req/s)', short: 'req/s', isLog: false, valueOf: (run) => run.requestRate },
  { title: 'input length (tokens)', short: 'in', isLog: true, valueOf: (run) => run.file.trtllm?.config?.input_len },
  { title: 'output length (tokens)', short: 'out', isLog: true, valueOf: (run) => run.file.trtllm?.config?.output_len },
];

/** The first setting that takes several values, each once in a series; undefined where there is none. */
export function sweepAxisOf(runs: readonly RunView[]): SweepAxis | undefined {
  return AXES.find(({ valueOf }) => {
    const values = runs.map(valueOf);
    if (values.some((value) => value === undefined || !Number.isFinite(value))) return false;
    const places = new Set(runs.map((run, i) => `${run.series}\n${values[i]}`));
    return new Set(values).size > 1 && places.size === runs.length;
  });
}

export interface SweepPoint {
  x: number;
  run: RunView;
}

/** Lines of a sweep, points in order of the setting. */
export function seriesOf(runs: readonly RunView[], { valueOf }: SweepAxis): { name: string; points: SweepPoint[] }[] {
  const names = [...new Set(runs.map(({ series }) => series))];
  return names.map((name) => ({
    name,
    points: runs
      .filter(({ series }) => series === name)
      .map((run) => ({ x: valueOf(run)!, run }))
      .sort((a, b) => a.x - b.x),
  }));
}

/** The server gave less than 95 % of the rate that was asked of it. */
export function isSaturated({ requestRate, file }: RunView): boolean {
  return Number.isFinite(requestRate) && file.request_throughput < 0.95 * requestRate;
}

/** Points that no other beats in both: more of `gain` for less `cost`. In order of cost. */
export function paretoFront<T extends { cost: number; gain: number }>(points: readonly T[]): T[] {
  let best = -Infinity;
  return [...points]
    .sort((a, b) => a.cost - b.cost || b.gain - a.gain)
    .filter(({ gain }) => gain > best && ((best = gain), true));
}
