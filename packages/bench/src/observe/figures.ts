// How figures of a series are written.
import type { MeanMax } from './host-metrics.js';

export function spread({ mean, max }: MeanMax): string {
  return `${mean.toFixed(0)} (at most ${max.toFixed(0)})`;
}

/** Four digits behind the point; what was not told is null. */
export function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Number(value.toFixed(4));
}
