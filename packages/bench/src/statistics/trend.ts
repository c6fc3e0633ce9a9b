// Does a series grow? Its slope by least squares, one-sided t test; neighbours that are alike count for fewer.
import { studentQuantile } from './student.js';

export interface Trend {
  /** A step. */
  slope: number;
  isRising: boolean;
}

/** Undefined below 5 values. */
export function trendOf(values: readonly number[], alpha: number): Trend | undefined {
  const n = values.length;
  if (n < 5) return undefined;
  const centre = (n - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const spread = (n * (n * n - 1)) / 12;
  const slope = values.reduce((sum, value, i) => sum + (i - centre) * (value - mean), 0) / spread;
  const residuals = values.map((value, i) => value - mean - slope * (i - centre));
  const rho = Math.min(0.9, Math.max(0, alikeness(residuals)));
  // Of AR(1) with this rho; two of them go into the line.
  const size = (n * (1 - rho)) / (1 + rho);
  const degrees = Math.max(1, Math.round(size) - 2);
  const variance = (residuals.reduce((sum, residual) => sum + residual * residual, 0) * (n / size)) / Math.max(1, n - 2);
  const error = Math.sqrt(variance / spread);
  return { slope, isRising: slope > 0 && (error === 0 || slope / error > studentQuantile(1 - alpha, degrees)) };
}

/** Correlation of neighbours; 0 for constant values. Residuals have the mean 0. */
function alikeness(residuals: readonly number[]): number {
  const squares = residuals.reduce((sum, residual) => sum + residual * residual, 0);
  return squares === 0 ? 0 : residuals.slice(1).reduce((sum, residual, i) => sum + residual * residuals[i]!, 0) / squares;
}
