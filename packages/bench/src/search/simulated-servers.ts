// Servers that exist as arithmetic only, in ms: queues whose limits are known by formula, and one that batches as inference servers do.
import type { SeededRandom } from '../plan/seeded-random.js';

export interface SimulatedRequest {
  ttft: number;
  tpot: number;
  e2el: number;
}

const exponential = (random: SeededRandom, mean: number): number => -mean * Math.log(1 - random.uniform());

export function poissonArrivals(random: SeededRandom, perS: number, numRequests: number): Float64Array {
  let at = 0;
  return Float64Array.from({ length: numRequests }, () => (at += exponential(random, 1000 / perS)));
}

/** One server, first come first served: Lindley's recursion. Times in the system, in order of arrival. */
export function queueTimes(arrivals: Float64Array, serviceMs: () => number): number[] {
  let free = 0;
  return Array.from(arrivals, (at) => (free = Math.max(free, at) + serviceMs()) - at);
}

/** M/M/1: time in the system is exponential with rate mu - lambda, so its p-th percentile is -ln(1 - p) / (mu - lambda). Requests a second. */
export function exponentialQueueLimit(serviceMs: number, percent: number, limitMs: number): number {
  return 1000 / serviceMs + (1000 * Math.log(1 - percent / 100)) / limitMs;
}

export interface BatchServer {
  /** A step takes so long with no sequence in it, and so much more for each. */
  stepMs: number;
  sequenceMs: number;
  /** Of a prompt, in the step that takes it in. */
  prefillMs: number;
  maxBatch: number;
  /** Output tokens of a request. */
  length: () => number;
}

/** Requests at `arrivals`; each step takes in who waits, as far as there is room, and gives everybody in it one token. */
export function batchTimes(server: BatchServer, arrivals: Float64Array): SimulatedRequest[] {
  return runBatches(server, (index) => arrivals[index], arrivals.length);
}

/** Closed loop: as soon as one ends, the next is there. */
export function closedBatchTimes(server: BatchServer, concurrency: number, numRequests: number): SimulatedRequest[] {
  const due = Array.from({ length: numRequests }, (_, i): number | undefined => (i < concurrency ? 0 : undefined));
  let next = concurrency;
  return runBatches(server, (index) => due[index], numRequests, (now) => (due[next++] = now));
}

interface Running {
  index: number;
  first: number;
  left: number;
  length: number;
}

function runBatches(server: BatchServer, dueAt: (index: number) => number | undefined, numRequests: number, onEnd: (now: number) => void = () => {}): SimulatedRequest[] {
  const times: SimulatedRequest[] = Array.from({ length: numRequests });
  let running: Running[] = [];
  let [now, next] = [0, 0];
  while (next < numRequests || running.length > 0) {
    if (running.length === 0) now = Math.max(now, dueAt(next)!);
    const joined: Running[] = [];
    while (next < numRequests && running.length + joined.length < server.maxBatch && (dueAt(next) ?? Infinity) <= now) {
      const length = server.length();
      joined.push({ index: next++, first: 0, left: length, length });
    }
    now += server.stepMs + server.sequenceMs * (running.length + joined.length) + server.prefillMs * joined.length;
    for (const request of joined) request.first = now;
    running = [...running, ...joined].filter((request) => {
      if (--request.left > 0) return true;
      const due = dueAt(request.index)!;
      times[request.index] = { ttft: request.first - due, tpot: request.length > 1 ? (now - request.first) / (request.length - 1) : 0, e2el: now - due };
      onEnd(now);
      return false;
    });
  }
  return times;
}
