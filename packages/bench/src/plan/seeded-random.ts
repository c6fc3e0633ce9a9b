// Randomness that can be repeated: an independent stream for every (seed, purpose, index), so that request i does not
// depend on how much was drawn before it.
import seedrandom from 'seedrandom';

export interface SeededRandom {
  /** [0, 1) */
  uniform(): number;
  /** Whole numbers, both ends included. */
  integer(low: number, high: number): number;
}

export function seededRandom(seed: number, purpose: string, index = 0): SeededRandom {
  const uniform = seedrandom.alea(`${seed}/${purpose}/${index}`);
  return {
    uniform: () => uniform(),
    integer: (low, high) => low + Math.floor(uniform() * (high - low + 1)),
  };
}

/** Gamma(shape, 1). Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000). */
export function gamma(random: SeededRandom, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Mean 0, standard deviation 1. Box and Muller, "A note on the generation of random normal deviates" (1958). */
export function normal(random: SeededRandom): number {
  return Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
}

export function pick<T>(random: SeededRandom, from: readonly T[]): T {
  return from[random.integer(0, from.length - 1)]!;
}

/** An index, each as likely as its weight. */
export function pickWeighted(random: SeededRandom, weights: readonly number[]): number {
  let left = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  const index = weights.findIndex((weight) => (left -= weight) < 0);
  return index === -1 ? weights.length - 1 : index;
}

/** [0, length) in random order. Fisher and Yates. */
export function shuffledIndices(random: SeededRandom, length: number): Uint32Array {
  const indices = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    [indices[i], indices[j]] = [indices[j]!, indices[i]!];
  }
  return indices;
}
