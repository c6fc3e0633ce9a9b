// The look of the lines of a chart, the same in its legend.
import { PALETTE_SIZE } from '../html/style.js';
import type { RunView } from '../run-view.js';

export function lookOf(index: number): { color: number; isDashed: boolean } {
  return { color: index % PALETTE_SIZE, isDashed: index % (2 * PALETTE_SIZE) >= PALETTE_SIZE };
}

/** Of two systems over the same levels, the second is dashed; otherwise one look after the other. */
export function looksOf(runs: readonly RunView[]): ReturnType<typeof lookOf>[] {
  const names = [...new Set(runs.map(({ series }) => series))];
  const rankOf = (run: RunView): number => runs.filter(({ series }) => series === run.series).indexOf(run);
  if (names.length !== 2 || runs.length > 2 * PALETTE_SIZE) return runs.map((_, i) => lookOf(i));
  return runs.map((run) => ({ color: rankOf(run), isDashed: run.series === names[1] }));
}
