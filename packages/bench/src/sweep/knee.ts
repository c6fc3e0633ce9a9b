// Where a sweep bends. Concurrency: the level farthest above the chord from the first to the last in (ln level, output a second), both
// scaled to [0, 1] (as in Satopaa et al. 2011, "Finding a Kneedle in a Haystack"). Rate: the highest level that the server kept up with.
import type { BenchReport } from '../report/bench-report.js';
import type { LevelResult, SweptOver } from './run-sweep.js';

/** Less above the chord than this is noise or a straight line. */
const LEAST_BEND = 0.05;
/** A level is kept up with that gets so much of its rate. */
const KEPT_UP = 0.95;

export function kneeOf(over: SweptOver, levels: readonly LevelResult[]): number | undefined {
  return over === 'rate' ? highestKeptUp(levels) : bendOf(levels.filter(({ level }) => level !== Infinity).map(({ level, report }) => ({ level, value: report.outputThroughput })));
}

/** `points` with ascending levels. */
export function bendOf(points: readonly { level: number; value: number }[]): number | undefined {
  const [first, last] = [points[0], points.at(-1)];
  if (points.length < 3 || first === undefined || last === undefined) return undefined;
  const values = points.map(({ value }) => value);
  const range = Math.max(...values) - Math.min(...values);
  if (range <= 0) return undefined;
  const aboveChord = ({ level, value }: { level: number; value: number }): number => {
    const x = Math.log(level / first.level) / Math.log(last.level / first.level);
    return (value - first.value - x * (last.value - first.value)) / range;
  };
  const best = points.reduce((most, point) => (aboveChord(point) > aboveChord(most) ? point : most));
  return aboveChord(best) >= LEAST_BEND ? best.level : undefined;
}

export function isSaturated({ verdict }: BenchReport): boolean {
  return verdict.findings.some(({ fault }) => fault === 'saturated');
}

/** By the time from the first request to the last, which a backlog does not stretch, against that until the last reply, which it does. */
function highestKeptUp(levels: readonly LevelResult[]): number | undefined {
  const kept = levels.filter(({ level, report }) => level !== Infinity && report.failed === 0 && !isSaturated(report) && report.requestThroughput >= KEPT_UP * achievable(level, report.completed, report.latencies.e2el?.median ?? 0));
  return kept.at(-1)?.level;
}

/** Requests a second over a run whose last request still takes its time. */
function achievable(rate: number, numRequests: number, e2elMs: number): number {
  return numRequests / ((numRequests - 1) / rate + e2elMs / 1000);
}
