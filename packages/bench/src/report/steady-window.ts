// The part of a run in which it no longer remembers its start and still sends: from the later of two cuts, of TTFT in order of start and of
// tokens a second, to the last send. Tokens count where their stamps are, so no request need begin and end inside.
import type { RequestRecord } from '../client/request-record.js';
import { warmUpCut } from '../statistics/mser.js';

export interface SteadyWindow {
  /** Seconds from the first send. */
  fromS: number;
  toS: number;
  /** False: the cut is at half of the run, so the end of warm-up was not seen. */
  isSteady: boolean;
  /** Sent in the window, and ended well. */
  requests: number;
  /** Each a second. */
  requestThroughput: number;
  inputThroughput: number;
  outputThroughput: number;
  /** Medians over requests sent in the window, followed to their end; ms. */
  medianTtft: number | undefined;
  medianE2el: number | undefined;
}

const LEAST_REQUESTS = 20;
/** As many seconds make a series worth a cut. */
const LEAST_SECONDS = 20;

/** `records` in any order. Undefined where all was sent at once, or too few were. */
export function steadyWindow(records: readonly RequestRecord[]): SteadyWindow | undefined {
  const ok = records.filter(({ outcome }) => outcome === 'ok').sort((a, b) => a.timeline.sent - b.timeline.sent);
  const [first, last] = [ok[0]?.timeline.sent, ok.at(-1)?.timeline.sent];
  if (ok.length < LEAST_REQUESTS || first === undefined || last === undefined) return undefined;
  const byRequest = warmUpCut(ok.map(waitOf));
  const seconds = tokensBySecond(ok, first, last);
  const bySecond = seconds.length >= LEAST_SECONDS ? warmUpCut(seconds) : 0;
  const from = Math.max(ok[byRequest]!.timeline.sent, first + 1000 * bySecond);
  if (last <= from || last - first < 1) return undefined;
  return { fromS: (from - first) / 1000, toS: (last - first) / 1000, isSteady: 2 * byRequest < ok.length - 10 && 2 * bySecond < Math.max(1, seconds.length - 10), ...figures(ok, from, last) };
}

function figures(ok: readonly RequestRecord[], from: number, to: number): Omit<SteadyWindow, 'fromS' | 'toS' | 'isSteady'> {
  const isInside = (at: number): boolean => at >= from && at < to;
  const perSecond = (count: number): number => (1000 * count) / (to - from);
  const sent = ok.filter(({ timeline }) => timeline.sent >= from);
  const streamed = ok.some(({ timeline }) => timeline.stamps.length > 0);
  const ended = ok.filter((record) => isInside(endOf(record)));
  const tokens = streamed ? sum(ok.map(({ timeline }) => sum(timeline.stamps.map((at, i) => (isInside(at) ? timeline.tokens[i]! : 0))))) : sum(ended.map(({ outputTokens }) => outputTokens));
  return {
    requests: sent.length,
    requestThroughput: perSecond(ended.length),
    inputThroughput: perSecond(sum(ok.filter((record) => isInside(record.timeline.stamps[0] ?? endOf(record))).map((record) => record.serverInput ?? record.plannedInput))),
    outputThroughput: perSecond(tokens),
    medianTtft: streamed ? median(sent.map(waitOf)) : undefined,
    medianE2el: median(sent.map((record) => endOf(record) - record.timeline.sent)),
  };
}

function endOf({ timeline }: RequestRecord): number {
  return timeline.stamps.at(-1) ?? timeline.done;
}

/** TTFT, or what comes nearest without a stream. */
function waitOf({ timeline }: RequestRecord): number {
  return (timeline.stamps[0] ?? timeline.done) - timeline.sent;
}

function tokensBySecond(ok: readonly RequestRecord[], first: number, last: number): number[] {
  const seconds = Array.from({ length: Math.floor((last - first) / 1000) }, () => 0);
  for (const { timeline } of ok) {
    timeline.stamps.forEach((at, i) => {
      const second = Math.floor((at - first) / 1000);
      if (second < seconds.length) seconds[second]! += timeline.tokens[i]!;
    });
  }
  return seconds;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
