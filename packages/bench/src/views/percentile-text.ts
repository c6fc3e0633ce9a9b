// How a percentile of a run is shown; what is refused has no value any more.
import { percentileCell, REFUSED } from '../report/percentile-cell.js';
import { minSamples } from '../statistics/distribution.js';
import type { Cell } from './content.js';
import { figure } from './numbers.js';
import type { StoredPercentile } from './run-view.js';

export function percentileText({ value, ...percentile }: StoredPercentile): string {
  if (value === null) return REFUSED;
  return percentileCell({ ...percentile, value, needs: minSamples(percentile.p) }, true, figure);
}

/** A number for programs only where it is one of the sample. */
export function storedCell(percentile: StoredPercentile | undefined): Cell {
  return percentile && { value: shownValue(percentile), text: percentileText(percentile) };
}

/** For charts: neither refused nor hidden behind a time limit. */
export function shownValue(percentile: StoredPercentile | undefined): number | undefined {
  return percentile?.isCensored ? undefined : (percentile?.value ?? undefined);
}
