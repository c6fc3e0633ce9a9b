// The look of the i-th line of a chart, the same in its legend.
import { PALETTE_SIZE } from '../html/style.js';

export function lookOf(index: number): { color: number; isDashed: boolean } {
  return { color: index % PALETTE_SIZE, isDashed: index % (2 * PALETTE_SIZE) >= PALETTE_SIZE };
}
