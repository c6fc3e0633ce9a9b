// Quantiles of Student's t and of the normal distribution.
import { errorFunction } from 'simple-statistics';

/** t with `degrees` of freedom such that P(T <= t) = p, p < 1: by bisection on the distribution function. */
export function studentQuantile(p: number, degrees: number): number {
  return quantile(p, (t) => studentDistribution(t, degrees));
}

/** z with P(Z <= z) = p. */
export function normalQuantile(p: number): number {
  return quantile(p, normalDistribution);
}

/** P(Z <= z); right to about 1e-7. */
export function normalDistribution(z: number): number {
  return (1 + errorFunction(z / Math.SQRT2)) / 2;
}

/** Of a symmetric distribution that is given for t >= 0. */
function quantile(p: number, distribution: (t: number) => number): number {
  if (p < 0.5) return -quantile(1 - p, distribution);
  let low = 0;
  let high = 1;
  while (distribution(high) < p) high *= 2;
  for (let i = 0; i < 60; ++i) {
    const middle = (low + high) / 2;
    if (distribution(middle) < p) low = middle;
    else high = middle;
  }
  return high;
}

/** P(T <= t), t >= 0, whole degrees: the finite series in theta = atan(t / sqrt(degrees)) (Abramowitz and Stegun 26.7.3, 26.7.4). */
export function studentDistribution(t: number, degrees: number): number {
  const theta = Math.atan(t / Math.sqrt(degrees));
  const square = Math.cos(theta) ** 2;
  const isOdd = degrees % 2 === 1;
  let term = isOdd ? Math.cos(theta) : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let i = isOdd ? 3 : 2; i <= degrees - 2; i += 2) sum += term *= (square * (i - 1)) / i;
  const both = isOdd ? (2 / Math.PI) * (theta + Math.sin(theta) * sum) : Math.sin(theta) * sum;
  return (1 + both) / 2;
}
