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

/** Normal(0, 1). Box and Muller. */
export function normal(random: SeededRandom): number {
  return Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
}
