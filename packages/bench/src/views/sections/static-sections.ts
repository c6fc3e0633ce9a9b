// Charts of a static run: how its requests' times are distributed, and how many were in flight.
import type { StaticRecord } from '../../static/run-static.js';
import type { Section } from '../content.js';
import { xyChart } from '../html/xy-chart.js';
import type { Markup } from '../markup.js';
import { cdfPoints } from './cdf-section.js';
import { binsOf, inFlight } from './timeline-section.js';

export function staticSections(records: readonly StaticRecord[], streaming: boolean): Section[] {
  const several = records.filter(({ output_ids: ids }) => ids.length > 1);
  const cdf = (title: string, samples: number[]): Markup => xyChart({ title, x: { label: 'ms' }, y: { label: 'share', from: 0, to: 1 }, width: 380, curves: [{ draw: 'line', points: cdfPoints(samples), color: 0 }] });
  const streamed = (): Markup[] => [
    cdf('Time to first token', records.map(({ start, first }) => first - start)),
    ...(several.length > 0 ? [cdf('Time per output token', several.map(({ first, end, output_ids: ids }) => (end - first) / (ids.length - 1)))] : []),
  ];
  return [
    { title: 'Distributions', remark: 'Share of requests at or below a time.', charts: [...(streaming ? streamed() : []), cdf('Latency', records.map(({ start, end }) => end - start))], columns: 3 },
    { title: 'Time line', charts: [flightChart(records)], columns: 3 },
  ];
}

function flightChart(records: readonly StaticRecord[]): Markup {
  const requests = records.map(({ start, end }) => ({ timeline: { sent: start, done: end } }));
  const bins = binsOf(requests);
  return xyChart({ title: 'requests in flight', x: { label: 'time (s)', to: (bins.count * bins.widthMs) / 1000 }, y: { label: 'requests' }, width: 380, curves: [{ draw: 'area', points: inFlight(requests, bins), color: 1 }] });
}
