// What the probes so far say about the load at which one limit is met: a weight for every hypothesis of a grid. How noisy a probe is
// belongs to the hypothesis: an interval of the probe's own would be narrow where its percentile came out low by chance, and wide where
// high, so that the low ones would count for more.
import { clipped } from './excess.js';
import { excessAt, FLOORS, type Hypothesis, type LoadCurve } from './load-curve.js';

const LIMITS = 480;
/** Standard deviations of an excess at the limit, of a probe of length 1. */
const NOISES = [0.02, 0.04, 0.08, 0.16, 0.32, 0.64];
/** And besides, far from the limit: the curve is only roughly the server's. */
const MISFIT = 0.2;
/** Of Student's t: few, so that one odd probe does not decide. */
const DEGREES = 4;

export class LimitPosterior {
  readonly limits: readonly number[];
  readonly #hypotheses: Hypothesis[] = [];
  /** [hypothesis, noise] */
  readonly #logWeights: Float64Array;

  constructor(
    private readonly curve: LoadCurve,
    lowest: number,
    highest: number,
  ) {
    this.limits = Array.from({ length: LIMITS }, (_, i) => lowest * (highest / lowest) ** (i / (LIMITS - 1)));
    const priors: number[] = [];
    for (const limit of this.limits) {
      for (const { shape, weight } of curve.shapes) {
        if (curve.growth(limit, limit, shape) === undefined) continue;
        for (const floor of FLOORS) {
          this.#hypotheses.push({ limit, floor, shape });
          priors.push(Math.log(weight));
        }
      }
    }
    this.#logWeights = Float64Array.from({ length: priors.length * NOISES.length }, (_, i) => priors[Math.floor(i / NOISES.length)]!);
  }

  /** A probe of length 4 has half the noise of one of length 1. */
  update(load: number, excess: number, length: number): void {
    this.#hypotheses.forEach((hypothesis, i) => {
      const expected = clipped(excessAt(this.curve, load, hypothesis)!);
      const misfit = MISFIT * expected;
      NOISES.forEach((noise, j) => {
        const variance = (noise * noise) / length + misfit * misfit;
        const off = (excess - expected) ** 2 / variance;
        this.#logWeights[i * NOISES.length + j]! -= Math.log(variance) / 2 + ((DEGREES + 1) / 2) * Math.log1p(off / DEGREES);
      });
    });
  }

  /** Sums to 1, one for each of `limits`. */
  weights(): Float64Array {
    const highest = this.#logWeights.reduce((max, weight) => Math.max(max, weight), -Infinity);
    const weights = new Float64Array(LIMITS);
    let [place, total] = [0, 0];
    this.#hypotheses.forEach(({ limit }, i) => {
      while (this.limits[place] !== limit) place++;
      for (let j = 0; j < NOISES.length; j++) {
        const weight = Math.exp(this.#logWeights[i * NOISES.length + j]! - highest);
        weights[place]! += weight;
        total += weight;
      }
    });
    return weights.map((weight) => weight / total);
  }
}

/** Of the least of several limits, which rise and fall together: the same bursts are in all figures of a run. Sums to 1. */
export function weightsOfLeast(all: readonly Float64Array[]): Float64Array {
  const above = all.map(() => 1);
  let before = 1;
  return Float64Array.from(all[0]!, (_, i) => {
    all.forEach((weights, j) => (above[j]! -= weights[i]!));
    const after = Math.max(0, Math.min(...above));
    const weight = before - after;
    before = after;
    return weight;
  });
}

/** Between the points of the grid by straight lines in ln(load). */
export function quantileOf(limits: readonly number[], weights: Float64Array, p: number): number {
  const step = Math.log(limits[1]! / limits[0]!);
  let below = 0;
  for (const [i, weight] of weights.entries()) {
    if (below + weight >= p && weight > 0) return limits[i]! * Math.exp(step * ((p - below) / weight - 0.5));
    below += weight;
  }
  return limits.at(-1)!;
}
