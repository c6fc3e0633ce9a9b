// How many independent samples a run's samples are worth: in a queue neighbours tell of each other, and the more so the fewer they count for.

export interface EffectiveSize {
  /** Between 1 and N. */
  size: number;
  /** Degrees of freedom of the estimate itself: N over the lags that went into it. */
  degrees: number;
}

/** The sum ends at the first lag that is this many times the time found so far (Sokal, Monte Carlo Methods in Statistical Mechanics, 1989). */
const WINDOW = 2;
/** Lags at most, and at most a tenth of the samples: what remembers longer cannot be told from a trend. */
const MOST_LAGS = 1000;

/**
 * N / tau, tau = 1 + 2 (rho_1 + ... + rho_W), rho_k the correlation at lag k and W the first lag >= WINDOW tau; times 1 + (2 W + 1) / N, which
 * undoes what the rho lose by the mean being estimated (Wolff, Computer Physics Communications 156, 2004, eq. 49). For AR(1) this is
 * N (1 - rho) / (1 + rho). Where rho_1 is within its noise 2 / sqrt(N) the samples count as independent. Undefined if no lag ends the sum.
 * `values` in order of time.
 */
export function effectiveSize(values: ArrayLike<number>): EffectiveSize | undefined {
  const n = values.length;
  const rho = correlations(values);
  const first = rho(1);
  if (first < 2 / Math.sqrt(n)) return { size: n, degrees: Math.max(1, n - 1) };
  let tau = 1 + 2 * first;
  for (let lag = 2; lag <= Math.min(n / 10, MOST_LAGS); ++lag) {
    tau += 2 * rho(lag);
    if (lag < WINDOW * tau) continue;
    const lags = 2 * lag + 1;
    return { size: Math.min(n, Math.max(1, n / (Math.max(1, tau) * (1 + lags / n)))), degrees: Math.max(2, Math.round(n / lags)) };
  }
  return undefined;
}

/** rho of a lag; 0 for constant values. */
function correlations(values: ArrayLike<number>): (lag: number) => number {
  const n = values.length;
  let sum = 0;
  for (let i = 0; i < n; ++i) sum += values[i]!;
  const mean = sum / n;
  const centred = Float64Array.from(values, (value) => value - mean);
  const product = (lag: number): number => {
    let total = 0;
    for (let i = lag; i < n; ++i) total += centred[i]! * centred[i - lag]!;
    return total;
  };
  const square = product(0);
  return (lag) => (square === 0 ? 0 : product(lag) / square);
}
