// Changes with their intervals, a line each, around a zero line: what got better, what worse, and what cannot be told.
import { markup, type Markup } from '../markup.js';
import { percent } from '../numbers.js';
import { axisOf } from './axis.js';

export interface ForestLine {
  name: string;
  /** Shares: 0.1 is 10 % more. */
  change: number;
  interval?: readonly [number, number] | undefined;
  mood: 'good' | 'bad' | 'open';
}

const WIDTH = 1140;
const LINE = 22;
const LEFT = 230;
const RIGHT = 90;

export function forestChart(title: string, lines: readonly ForestLine[], label: string): Markup {
  const height = LINE * lines.length + 46;
  const ends = lines.flatMap(({ change, interval }) => [change, ...(interval ?? [])]).map((share) => 100 * share);
  const reach = Math.max(1, ...ends.map(Math.abs)) * 1.05;
  const axis = axisOf({ label: '', from: -reach, to: reach }, ends, [LEFT, WIDTH - RIGHT], 9);
  const bottom = height - 40;
  const zero = axis.at(0);
  return markup`<figure class="wide"><figcaption>${title}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}">
<g class="grid">${axis.ticks.map(({ at }) => markup`<line x1="${at.toFixed(1)}" x2="${at.toFixed(1)}" y1="0" y2="${bottom}"/>`)}
<line class="base" x1="${zero.toFixed(1)}" x2="${zero.toFixed(1)}" y1="0" y2="${bottom}"/></g>
<g class="ticks">${axis.ticks.map(({ at, text }) => markup`<text x="${at.toFixed(1)}" y="${bottom + 16}" text-anchor="middle">${text}</text>`)}</g>
<g class="labels"><text x="${zero.toFixed(1)}" y="${height - 6}" text-anchor="middle">${label}</text></g>
${lines.map((line, i) => lineShape(line, LINE * (i + 0.5), (share) => axis.at(100 * share).toFixed(1)))}
</svg></figure>`;
}

function lineShape({ name, change, interval, mood }: ForestLine, y: number, at: (share: number) => string): Markup {
  return markup`<g class="forest ${mood}"><text x="${LEFT - 12}" y="${y + 4}" text-anchor="end">${name}</text>
${interval && markup`<line class="whisker" x1="${at(interval[0])}" x2="${at(interval[1])}" y1="${y}" y2="${y}"/>`}
<circle class="full" cx="${at(change)}" cy="${y}" r="4"/>
<text x="${WIDTH - 4}" y="${y + 4}" text-anchor="end">${percent(change)}</text></g>`;
}
