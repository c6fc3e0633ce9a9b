// A chart of x and y as SVG: a frame with ticks, layers of lines, steps, areas, dots and marks. Colours are CSS classes, so that the same
// picture serves light, dark and paper.
import { area as areaOf, curveStepAfter, line as lineOf } from 'd3-shape';
import { markup, type Markup } from '../markup.js';
import { axisOf, type Axis, type AxisSpec } from './axis.js';

export type Point = readonly [x: number, y: number];

export interface Curve {
  /** 'band': steps, filled down to `floor`. */
  draw: 'line' | 'step' | 'area' | 'band' | 'dots';
  points: readonly Point[];
  /** Under each point. */
  floor?: readonly Point[] | undefined;
  /** Of the palette; 'bad' is for what failed. */
  color: number | 'bad';
  isDashed?: boolean | undefined;
  isFaint?: boolean | undefined;
}

/** A point with a name. */
export interface Mark {
  point: Point;
  color: number;
  label?: string | undefined;
  /** Shown on hovering. */
  detail: string;
  isHollow?: boolean | undefined;
  isRinged?: boolean | undefined;
  /** Both ends of an interval in y. */
  interval?: readonly [number, number] | undefined;
}

export interface XyChart {
  title: string;
  x: AxisSpec;
  y: AxisSpec;
  curves: Curve[];
  marks?: Mark[] | undefined;
  /** A horizontal line, named. */
  level?: { y: number; text: string } | undefined;
  width?: number | undefined;
}

const HEIGHT = 270;
const MARGIN = { left: 60, right: 18, top: 10, bottom: 40 };

export function xyChart({ title, x, y, curves, marks = [], level, width = 560 }: XyChart): Markup {
  const points = [...curves.flatMap((curve) => curve.points), ...marks.map(({ point }) => point)];
  const heights = [...points.map(([, height]) => height), ...marks.flatMap(({ interval }) => interval ?? []), ...(level ? [level.y] : [])];
  const xAxis = axisOf(x, points.map(([at]) => at), [MARGIN.left, width - MARGIN.right], width > 450 ? 7 : 5);
  const yAxis = axisOf(y, heights, [HEIGHT - MARGIN.bottom, MARGIN.top], 5);
  return markup`<figure><figcaption>${title}</figcaption>
<svg viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label="${title}: ${y.label} over ${x.label}">
${frame(xAxis, yAxis, width)}
${level && levelLine(level, yAxis, width)}
${curves.map((curve) => curvePath(curve, xAxis, yAxis))}
${marks.map((mark) => markShape(mark, xAxis, yAxis, width))}
</svg></figure>`;
}

function frame(x: Axis, y: Axis, width: number): Markup {
  const [bottom, right] = [HEIGHT - MARGIN.bottom, width - MARGIN.right];
  return markup`<g class="grid">${y.ticks.map(({ at }) => markup`<line x1="${MARGIN.left}" x2="${right}" y1="${px(at)}" y2="${px(at)}"/>`)}
<line class="base" x1="${MARGIN.left}" x2="${right}" y1="${bottom}" y2="${bottom}"/></g>
<g class="ticks">${y.ticks.map(({ at, text }) => markup`<text x="${MARGIN.left - 7}" y="${px(at + 4)}" text-anchor="end">${text}</text>`)}
${x.ticks.map(({ at, text }) => markup`<text x="${px(at)}" y="${bottom + 16}" text-anchor="middle">${text}</text>`)}
${x.ticks.map(({ at }) => markup`<line x1="${px(at)}" x2="${px(at)}" y1="${bottom}" y2="${bottom + 4}"/>`)}</g>
<g class="labels"><text x="${px((MARGIN.left + right) / 2)}" y="${HEIGHT - 6}" text-anchor="middle">${x.label}</text>
<text transform="translate(12 ${px((MARGIN.top + bottom) / 2)}) rotate(-90)" text-anchor="middle">${y.label}</text></g>`;
}

function levelLine({ y, text }: { y: number; text: string }, axis: Axis, width: number): Markup {
  return markup`<g class="level"><line x1="${MARGIN.left}" x2="${width - MARGIN.right}" y1="${px(axis.at(y))}" y2="${px(axis.at(y))}"/>
<text x="${width - MARGIN.right}" y="${px(axis.at(y) - 4)}" text-anchor="end">${text}</text></g>`;
}

function curvePath({ draw, points, floor = [], color, isDashed, isFaint }: Curve, x: Axis, y: Axis): Markup {
  const classes = `${draw} c-${color}${isDashed ? ' dashed' : ''}${isFaint ? ' faint' : ''}`;
  return markup`<path class="${classes}" d="${draw === 'band' ? bandPath(points, floor, x, y) : pathOf(draw, points, x, y)}"/>`;
}

function bandPath(points: readonly Point[], floor: readonly Point[], x: Axis, y: Axis): string {
  const band = areaOf<Point>(([a]) => x.at(a), (_, i) => y.at(floor[i]![1]), ([, b]) => y.at(b));
  return band.digits(1).curve(curveStepAfter)(points) ?? '';
}

/** A dot is a line without length whose ends are round: the shortest spelling of many. */
function pathOf(draw: Exclude<Curve['draw'], 'band'>, points: readonly Point[], x: Axis, y: Axis): string {
  if (draw === 'dots') return points.map(([a, b]) => `M${px(x.at(a))} ${px(y.at(b))}h0`).join('');
  const line = lineOf<Point>(([a]) => x.at(a), ([, b]) => y.at(b)).digits(1);
  if (draw === 'line') return line(points) ?? '';
  const steps = line.curve(curveStepAfter)(points) ?? '';
  if (draw === 'step' || points.length === 0) return steps;
  return `${steps}V${px(y.at(0))}H${px(x.at(points[0]![0]))}Z`;
}

function markShape({ point, color, label, detail, isHollow, isRinged, interval }: Mark, xAxis: Axis, yAxis: Axis, width: number): Markup {
  const [x, y] = [xAxis.at(point[0]), yAxis.at(point[1])];
  const isLeft = x > width - 90;
  return markup`<g class="mark c-${color}"><title>${detail}</title>
${interval && markup`<line class="whisker" x1="${px(x)}" x2="${px(x)}" y1="${px(yAxis.at(interval[0]))}" y2="${px(yAxis.at(interval[1]))}"/>`}
${isRinged ? markup`<circle class="ring" cx="${px(x)}" cy="${px(y)}" r="8"/>` : undefined}
<circle class="${isHollow ? 'hollow' : 'full'}" cx="${px(x)}" cy="${px(y)}" r="4"/>
${label && markup`<text x="${px(x + (isLeft ? -8 : 8))}" y="${px(y - 7)}" text-anchor="${isLeft ? 'end' : 'start'}">${label}</text>`}</g>`;
}

/** A tenth of a pixel is enough. */
function px(value: number): string {
  return String(Number(value.toFixed(1)));
}
