// Circular block bootstrap (Politis and Romano 1992): whole stretches of a run are drawn again, so that what neighbours have in common stays.

/** Uniform in [0, 1). */
export type Random = () => number;

export interface Interval {
  lower: number;
  upper: number;
}

const DRAWS = 2000;

/** 1.1447 (4 rho^2 n / (1 - rho^2)^2)^(1/3) (Politis and White 2004, for AR(1)), between 5 and n / 10. */
export function blockLength(rho: number, n: number): number {
  const square = Math.min(rho * rho, 0.999);
  const length = Math.ceil(1.1447 * Math.cbrt((4 * square * n) / (1 - square) ** 2));
  return Math.max(1, Math.min(Math.max(5, length), Math.max(5, Math.floor(n / 10)), n));
}

/** Of `statistic` over resamples of the same size: the percentile method. */
export function bootstrapInterval(samples: readonly number[], length: number, statistic: (drawn: number[]) => number, random: Random, alpha = 0.05, draws = DRAWS): Interval {
  const results = Float64Array.from({ length: draws }, () => statistic(resample(samples, length, random))).sort();
  return { lower: results[Math.floor((draws * alpha) / 2)]!, upper: results[Math.ceil(draws * (1 - alpha / 2)) - 1]! };
}

function resample(samples: readonly number[], length: number, random: Random): number[] {
  const drawn: number[] = [];
  while (drawn.length < samples.length) {
    const start = Math.floor(random() * samples.length);
    for (let i = 0; i < length && drawn.length < samples.length; ++i) drawn.push(samples[(start + i) % samples.length]!);
  }
  return drawn;
}
