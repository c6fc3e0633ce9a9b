// How percentiles are called in result files.

/** P99, P99.9: without a trailing `.0`. */
export function percentileName(p: number): string {
  return `p${Number(p)}`;
}
