// What happened when: output tokens a second, requests in flight, and the TTFT of requests by when they were sent.
import type { Timeline } from '../../client/timeline.js';
import type { Section } from '../content.js';
import { xyChart, type Point } from '../html/xy-chart.js';
import type { Markup } from '../markup.js';
import type { RequestView } from '../request-view.js';
import type { RunView } from '../run-view.js';

const MOST_BINS = 120;
const LEAST_BIN_MS = 100;
const MOST_DOTS = 600;
const WIDTH = 380;

/** Runs whose file tells when requests began. */
export function timelineSection(runs: readonly RunView[], labelOf: (run: RunView) => string): Section {
  const told = runs.filter(({ requests }) => requests?.some(({ timeline }) => timeline.sent !== 0));
  const charts = told.flatMap((run) => runCharts(run.requests!, told.length > 1 ? `${labelOf(run)}: ` : ''));
  return { title: 'Time lines', remark: 'Seconds since the first send. Red: failed requests.', charts, columns: 3 };
}

function runCharts(requests: RequestView[], prefix: string): Markup[] {
  const bins = binsOf(requests);
  const seconds = (ms: number): number => (ms - bins.start) / 1000;
  const x = { label: 'time (s)', to: (bins.count * bins.widthMs) / 1000 };
  const dots = thinned(requests.filter(({ isOk, ttft, e2el }) => isOk && (ttft ?? e2el) > 0)).map(({ timeline, ttft, e2el }): Point => [seconds(timeline.sent), ttft ?? e2el]);
  const failed = thinned(requests.filter(({ isOk }) => !isOk)).map(({ timeline }): Point => [seconds(timeline.sent), 0]);
  const isStreamed = requests.some(({ ttft }) => ttft !== undefined);
  return [
    xyChart({ title: `${prefix}output tokens`, x, y: { label: 'tok/s' }, width: WIDTH, curves: [{ draw: 'area', points: tokenRate(requests, bins), color: 0 }] }),
    xyChart({ title: `${prefix}requests in flight`, x, y: { label: 'requests' }, width: WIDTH, curves: [{ draw: 'area', points: inFlight(requests, bins), color: 1 }] }),
    xyChart({
      title: `${prefix}${isStreamed ? 'TTFT' : 'E2EL'} by time of sending`,
      x,
      y: { label: 'ms' },
      width: WIDTH,
      curves: [{ draw: 'dots', points: dots, color: 2 }, { draw: 'dots', points: failed, color: 'bad' }],
    }),
  ];
}

type Span = { timeline: Pick<Timeline, 'sent' | 'done'> };

/** Of equal width, the last one closed on the right. */
interface Bins {
  start: number;
  widthMs: number;
  count: number;
}

export function binsOf(requests: readonly Span[]): Bins {
  const start = requests.reduce((min, { timeline }) => Math.min(min, timeline.sent), Infinity);
  const end = requests.reduce((max, { timeline }) => Math.max(max, timeline.done), -Infinity);
  const widthMs = Math.max((end - start) / MOST_BINS, LEAST_BIN_MS);
  return { start, widthMs, count: Math.max(1, Math.ceil((end - start) / widthMs)) };
}

const binOf = ({ start, widthMs, count }: Bins, at: number): number => Math.min(count - 1, Math.max(0, Math.floor((at - start) / widthMs)));

const toPoints = (heights: Float64Array, { widthMs }: Bins): Point[] => [...heights, heights.at(-1)!].map((height, i): Point => [(i * widthMs) / 1000, height]);

/** Tokens a second, by the stamps of their reads; failed requests' tokens came too. */
export function tokenRate(requests: readonly RequestView[], bins: Bins): Point[] {
  const heights = new Float64Array(bins.count);
  for (const { timeline } of requests) timeline.stamps.forEach((at, i) => (heights[binOf(bins, at)]! += timeline.tokens[i]! / (bins.widthMs / 1000)));
  return toPoints(heights, bins);
}

/** Mean over each bin: time that requests spent in it / its width. */
export function inFlight(requests: readonly Span[], bins: Bins): Point[] {
  const heights = new Float64Array(bins.count);
  for (const { timeline } of requests) {
    const [first, last] = [binOf(bins, timeline.sent), binOf(bins, timeline.done)];
    for (let i = first; i <= last; i++) {
      const left = bins.start + i * bins.widthMs;
      heights[i]! += Math.max(0, Math.min(timeline.done, left + bins.widthMs) - Math.max(timeline.sent, left)) / bins.widthMs;
    }
  }
  return toPoints(heights, bins);
}

function thinned<T>(items: readonly T[]): T[] {
  const step = Math.ceil(items.length / MOST_DOTS);
  return items.filter((_, i) => i % step === 0);
}
