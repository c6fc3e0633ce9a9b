// How a percentile is printed and stored: one that the sample cannot support is refused, unless the user insists, and then it is marked.
import { minSamples, type Percentile } from '../statistics/distribution.js';

/** Printed in place of a refused percentile. */
export const REFUSED = '–';
/** Printed behind a value that the sample does not support. */
export const UNSUPPORTED = '*';
export const LEGEND = `${REFUSED} and ${UNSUPPORTED}: too few requests for this percentile (p90 takes ${minSamples(90)}, p99 ${minSamples(99)}; --force shows it)`;

/** The median is shown always: few samples leave it uncertain, but not on one side as they do a tail. */
export function isShown({ p, isSupported, isCensored }: Percentile, force: boolean): boolean {
  return isSupported || isCensored || p === 50 || force;
}

/** `> limit` where requests that timed out hide it. */
export function percentileCell(percentile: Percentile, force: boolean, format: (ms: number) => string): string {
  const { value, isSupported, isCensored } = percentile;
  if (isCensored) return `> ${value}`;
  if (!isShown(percentile, force)) return REFUSED;
  return `${format(value)}${isSupported ? '' : UNSUPPORTED}`;
}

/** null where it is refused or hidden. */
export function percentileValue(percentile: Percentile, force: boolean): number | null {
  return percentile.isCensored || !isShown(percentile, force) ? null : percentile.value;
}
