// Requests with times of their own came faster than they were served, so that each waited longer than the one before: such latencies
// tell how long the run was. Waits grow by rho - 1 seconds a second of arrivals when the load rho is above 1. Below 1 the wait of the
// last is at most what a random walk of arrivals and services without drift may reach by chance, N(0, (c_a^2 + c_s^2) / n) seconds a
// second, c^2 the squared coefficient of variation of the gaps (Kingman's heavy traffic).
import type { RequestRecord } from '../client/request-record.js';
import { medianOf, type Evidence } from './evidence.js';
import { ms, type Finding } from './finding.js';

const FEWEST = 20;
const SIGMAS = 3;
/** The waits at the end are that many times those at the start, at least. */
const TIMES_LONGER = 1.5;
const LEAST_VARIATION = 0.5;

export function saturated({ load, records, maxConcurrency }: Evidence): Finding | undefined {
  if (load !== 'open') return undefined;
  const sent = records.filter(({ outcome, timeline }) => outcome === 'ok' && !Number.isNaN(timeline.sent)).sort((a, b) => a.timeline.scheduled - b.timeline.scheduled);
  const growth = growthOf(sent, ({ timeline }) => timeline.stamps[0] ?? timeline.done) ?? growthOf(sent, ({ timeline }) => timeline.stamps.at(-1) ?? timeline.done);
  if (growth === undefined) return undefined;
  const { first, last, slope } = growth;
  const cap = maxConcurrency === undefined ? '' : ` or a --max-concurrency above ${maxConcurrency}`;
  return {
    fault: 'saturated',
    evidence: `waits from the due time grew from ${ms(first)} to ${ms(last)}, ${slope.toFixed(2)} s each second: the queue had no end`,
    mend: `ask for a rate below ${(100 / (1 + slope)).toFixed(0)} % of this one${cap}`,
  };
}

interface Growth {
  /** Median waits of the first and the last quarter, ms. */
  first: number;
  last: number;
  /** Seconds a second. */
  slope: number;
}

/** `servedAt` is in ms of the timeline's clock. Undefined where waits did not grow beyond doubt, or stopped growing. */
function growthOf(sent: readonly RequestRecord[], servedAt: (record: RequestRecord) => number): Growth | undefined {
  const n = sent.length;
  if (n < FEWEST) return undefined;
  const waits = sent.map((record) => servedAt(record) - record.timeline.scheduled);
  const dues = sent.map(({ timeline }) => timeline.scheduled);
  const quarter = (from: number): { wait: number; due: number } => {
    const slice = [Math.floor(from * n), Math.floor((from + 0.25) * n)] as const;
    return { wait: medianOf(waits.slice(...slice))!, due: medianOf(dues.slice(...slice))! };
  };
  const [first, middle, last] = [quarter(0), quarter(0.375), quarter(0.75)] as const;
  const slope = (last.wait - first.wait) / (last.due - first.due);
  const lateSlope = (last.wait - middle.wait) / (last.due - middle.due);
  const noise = Math.hypot(
    Math.sqrt((gapVariation(dues) + gapVariation(sent.map(servedAt).sort((a, b) => a - b))) / n),
    medianError(waits) / (last.due - first.due),
  );
  const isGrowing = slope > SIGMAS * noise && lateSlope > slope / 2 && last.wait > TIMES_LONGER * first.wait;
  return isGrowing ? { first: first.wait, last: last.wait, slope } : undefined;
}

/** Squared coefficient of variation of the gaps between ascending times. */
function gapVariation(times: readonly number[]): number {
  const gaps = times.slice(1).map((at, i) => at - times[i]!);
  const mean = (times.at(-1)! - times[0]!) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  return Math.max(LEAST_VARIATION, variance / mean ** 2 || 0);
}

/** Standard error of the difference of two quarters' medians, from differences of neighbours, which a trend leaves alone. */
function medianError(waits: readonly number[]): number {
  const steps = waits.slice(1).map((wait, i) => Math.abs(wait - waits[i]!));
  const deviation = (1.4826 * medianOf(steps)!) / Math.SQRT2;
  return 1.2533 * deviation * Math.sqrt(2 / (waits.length / 4));
}
