// Where a sweep bends: over concurrency the output a second, over the rate the highest level that the server kept up with.
import { bendOf } from '../statistics/bend.js';
import type { LevelReport, LevelResult } from './level-result.js';
import type { SweptOver } from './run-sweep.js';

/** A level is kept up with that gets so much of its rate. */
const KEPT_UP = 0.95;

export function kneeOf(over: SweptOver, levels: readonly LevelResult[]): number | undefined {
  return over === 'rate' ? highestKeptUp(levels) : bendOf(levels.filter(({ level }) => level !== Infinity).map(({ level, report }) => ({ level, value: report.outputThroughput })));
}

export function isSaturated({ verdict }: Pick<LevelReport, 'verdict'>): boolean {
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
