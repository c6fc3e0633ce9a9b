// How much neighbours in a run tell of each other, and how many independent samples they are worth.

/** Of the values at distance `lag`; 0 for constant values. */
export function autocorrelation(values: readonly number[], lag: number): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let variance = 0;
  let product = 0;
  values.forEach((value, index) => {
    variance += (value - mean) ** 2;
    if (index >= lag) product += (value - mean) * (values[index - lag]! - mean);
  });
  return variance === 0 ? 0 : product / variance;
}

/**
 * N / (1 + 2 sum of rho_k), over lags until rho_k first falls below 2 / sqrt(N): what is left of it is noise. Between 1 and N.
 * For AR(1) this is N (1 - rho) / (1 + rho).
 */
export function effectiveSize(values: readonly number[]): number {
  const n = values.length;
  let sum = 0;
  for (let lag = 1; lag < n; ++lag) {
    const rho = autocorrelation(values, lag);
    if (rho < 2 / Math.sqrt(n)) break;
    sum += rho;
  }
  return Math.min(n, Math.max(1, n / (1 + 2 * sum)));
}
