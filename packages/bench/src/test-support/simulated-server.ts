// A server in simulated time: first come, first served; a slot, then the prefill of its own or with all that wait, then a token a step.
import { normal, type SeededRandom } from '../plan/seeded-random.js';

export interface ServerShape {
  slots: number;
  /** One prefill takes all that wait. */
  isBatched: boolean;
  isStream: boolean;
}

/** ms. */
export interface Work {
  prefill: number;
  step: number;
  output: number;
}

export interface Served {
  stamps: number[];
  done: number;
}

/** Called with arrivals in ascending order. */
export function simulatedServer({ slots, isBatched, isStream }: ServerShape): (arrival: number, work: Work) => Served {
  const free = Array.from({ length: slots }, () => 0);
  let batch = { start: -1, end: 0 };
  return (arrival, { prefill, step, output }) => {
    const slot = free.indexOf(Math.min(...free));
    const ready = Math.max(arrival, free[slot]!);
    if (!isBatched || ready > batch.start) {
      const start = Math.max(ready, batch.end);
      batch = { start, end: start + prefill };
    }
    const done = batch.end + step * (output - 1);
    free[slot] = done;
    return { stamps: isStream ? threeOf(batch.end, done, output) : [], done: done + 0.1 };
  };
}

/** Enough of the events for who asks when the first and the last came. */
function threeOf(first: number, last: number, count: number): number[] {
  return count === 1 ? [first] : count === 2 ? [first, last] : [first, (first + last) / 2, last];
}

/** Factors whose logarithms are AR(1) with deviation `noise` and correlation `likeness`, and now and then a stall. */
export function slowness(random: SeededRandom, noise: number, likeness: number, stallShare: number): () => number {
  let level = noise * normal(random);
  return () => {
    level = likeness * level + noise * Math.sqrt(1 - likeness ** 2) * normal(random);
    return Math.exp(level) * (random.uniform() < stallShare ? 2 + 6 * random.uniform() : 1);
  };
}
