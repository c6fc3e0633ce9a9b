// One axis of a chart: what range, which ticks, where a value lies.
import { scaleLinear, scaleLog } from 'd3-scale';
import { tickText } from '../numbers.js';

export interface AxisSpec {
  label: string;
  /** Equal ratios stand equally far apart; values must be above 0. */
  isLog?: boolean | undefined;
  /** Ends, where the data should not decide. */
  from?: number | undefined;
  to?: number | undefined;
  /** In place of round numbers. */
  ticks?: readonly number[] | undefined;
}

export interface Axis {
  label: string;
  at: (value: number) => number;
  ticks: { at: number; text: string }[];
}

const ROUND = [1, 2, 5];

/** `range`: pixels of both ends. */
export function axisOf(spec: AxisSpec, values: readonly number[], range: [number, number], numTicks: number): Axis {
  const [from, to] = domainOf(spec, values);
  const scale = spec.isLog ? scaleLog([from, to], range) : scaleLinear([from, to], range);
  if (!spec.isLog && spec.to === undefined) scale.nice(numTicks);
  const ticks = spec.ticks ?? (spec.isLog ? logTicks(from, to) : scale.ticks(numTicks));
  return { label: spec.label, at: (value) => scale(value), ticks: ticks.map((value) => ({ at: scale(value), text: tickText(value) })) };
}

/** Linear axes begin at 0; logarithmic ones have some room on both sides. */
function domainOf({ isLog, from, to }: AxisSpec, values: readonly number[]): [number, number] {
  const finite = values.filter((value) => Number.isFinite(value) && (!isLog || value > 0));
  const low = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const high = finite.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!isLog) return [from ?? Math.min(0, finite.length > 0 ? low : 0), to ?? (high > 0 ? high : 1)];
  if (finite.length === 0) return [from ?? 1, to ?? 10];
  return [from ?? low / 1.15, to ?? high * 1.15];
}

/** 1, 2, 5 of every decade, or every decade where those are many; ends where no round number lies between. */
function logTicks(from: number, to: number): number[] {
  const decades = Array.from({ length: Math.ceil(Math.log10(to)) - Math.floor(Math.log10(from)) + 1 }, (_, i) => 10 ** (Math.floor(Math.log10(from)) + i));
  const isInside = (value: number): boolean => value >= from && value <= to;
  const round = decades.flatMap((decade) => ROUND.map((digit) => Number((digit * decade).toPrecision(1)))).filter(isInside);
  if (round.length > 8) return decades.map((decade) => Number(decade.toPrecision(1))).filter(isInside);
  return round.length >= 2 ? round : scaleLinear([from, to], [0, 1]).ticks(4);
}
