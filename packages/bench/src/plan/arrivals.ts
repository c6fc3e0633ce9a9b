// When requests are due. The whole plan is drawn before the run as absolute offsets, so that a late sender never shifts the requests
// behind it. Several senders share one plan (request i to sender i mod W): plans of their own from one seed would come in clumps.
import type { ArrivalOptions } from './arrival-options.js';
import type { PlannedRequest } from './workload.js';
import { dueTimes } from './rate-curve.js';
import { gamma, seededRandom } from './seeded-random.js';

/** Offsets in ms from the start of the run, ascending, one for each request; the first is 0. */
export function planArrivals(options: ArrivalOptions, requests: readonly Pick<PlannedRequest, 'arrivalMs'>[]): Float64Array {
  const { traceSpeedup } = options;
  if (traceSpeedup !== undefined) return Float64Array.from(requests, ({ arrivalMs }) => arrivalMs! / traceSpeedup);
  if (isAllAtOnce(options) || requests.length === 0) return new Float64Array(requests.length);
  const counts = unitArrivals(options, requests.length);
  const due = dueTimes(options, Math.max(1, requests.length - 1));
  const offsets = counts.map((count) => 1000 * due(count));
  return options.rescaleArrivals ? rescaled(offsets, 1000 * due(requests.length)) : offsets;
}

/** Nothing but the concurrency limit decides when requests leave. */
function isAllAtOnce(options: ArrivalOptions): boolean {
  return options.requestRate === Infinity && options.rampUpStrategy === undefined && options.rateSteps === undefined && options.traceSpeedup === undefined;
}

/** Sums of gaps with mean 1. */
function unitArrivals({ seed, burstiness }: ArrivalOptions, length: number): Float64Array {
  const random = seededRandom(seed, 'arrivals');
  const counts = new Float64Array(length);
  for (let i = 1; i < length; i++) counts[i] = counts[i - 1]! + (burstiness === Infinity ? 1 : gamma(random, burstiness) / burstiness);
  return counts;
}

function rescaled(offsets: Float64Array, last: number): Float64Array {
  const drawn = offsets.at(-1)!;
  return drawn > 0 ? offsets.map((offset) => (offset * last) / drawn) : offsets;
}
