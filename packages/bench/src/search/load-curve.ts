// How a latency grows with load, as seen from the load at which it meets its limit: ln(latency / limit) = ln(floor + (1 - floor) g), g = 1
// at the limit. `floor` is the share of the limit that a request takes alone. A hypothesis is one such curve.

export interface Hypothesis {
  /** The load at which the limit is just met. */
  limit: number;
  floor: number;
  /** Rates: requests a second that the server can do. Concurrency: the power of the growth. */
  shape: number;
}

export interface LoadCurve {
  /** The hypotheses with their prior weights, 0 for what cannot be. */
  shapes: readonly { shape: number; weight: number }[];
  /** Growth of waiting at `load` over that at the limit; undefined where there can be no such limit. */
  growth: (load: number, limit: number, shape: number) => number | undefined;
}

export const FLOORS = [0.01, 0.08, 0.2, 0.35, 0.5, 0.7, 0.85, 0.95];

export function excessAt({ growth }: LoadCurve, load: number, { limit, floor, shape }: Hypothesis): number | undefined {
  const grown = growth(load, limit, shape);
  return grown === undefined ? undefined : Math.log(floor + (1 - floor) * grown);
}

/** Waiting in a queue goes with rho / (1 - rho); so does the step of a batching server, since its batch is the rate times the stay. */
export function rateCurve(shapes: LoadCurve['shapes']): LoadCurve {
  return {
    shapes,
    growth: (load, limit, capacity) => {
      if (limit >= capacity) return undefined;
      // In a run of finite length a queue does not grow for ever.
      const spare = Math.max(capacity - load, 0.005 * capacity);
      return ((load / spare) * (capacity - limit)) / limit;
    },
  };
}

/** Where the capacity was measured, by all requests at once. */
export function measuredCapacity(requestsPerS: number): LoadCurve['shapes'] {
  const deviation = 0.08;
  return Array.from({ length: 13 }, (_, i) => (i - 6) / 2).map((z) => ({ shape: requestsPerS * Math.exp(deviation * z), weight: Math.exp((-z * z) / 2) }));
}

/** Any capacity from the lowest load to twenty times the highest. */
export function unknownCapacity(lowest: number, highest: number): LoadCurve['shapes'] {
  const steps = 40;
  return Array.from({ length: steps }, (_, i) => ({ shape: lowest * ((20 * highest) / lowest) ** (i / (steps - 1)), weight: 1 }));
}

/** Closed loop: a latency goes with some power of the number of requests that share the server. */
export const CONCURRENCY_CURVE: LoadCurve = {
  shapes: [0.5, 0.7, 1, 1.4, 2, 3, 5].map((shape) => ({ shape, weight: 1 })),
  growth: (load, limit, power) => (load / limit) ** power,
};
