// On queues whose limit is known by formula, and on curves without noise. Everything is drawn from seeds.
import { expect, test } from 'vitest';
import { seededRandom } from '../plan/seeded-random.js';
import { excessOf } from './excess.js';
import { CONCURRENCY_CURVE, measuredCapacity, rateCurve, unknownCapacity } from './load-curve.js';
import { searchLimit, type SearchOptions, type SearchResult } from './search-limit.js';
import { LONGEST_PROBE } from './search-server.js';
import { batchTimes, closedBatchTimes, exponentialQueueLimit, poissonArrivals, queueTimes } from './simulated-servers.js';

const COMMON = { numLimits: 1, wholeLoads: false, maxProbes: 7, maxLength: LONGEST_PROBE, precision: 0.03 };
const rateOptions = (capacity: number): SearchOptions => ({ ...COMMON, curve: rateCurve(measuredCapacity(capacity)), lowest: capacity / 50, highest: 1.1 * capacity });
const CONCURRENCY: SearchOptions = { ...COMMON, curve: CONCURRENCY_CURVE, lowest: 1, highest: 512, wholeLoads: true, maxProbes: 8 };

/** M/M/1 with service of 10 ms; the capacity is known to a few per cent. */
async function searchQueue(seed: number, percent: number, limitMs: number): Promise<SearchResult> {
  const random = seededRandom(seed, 'queue');
  const service = (): number => -10 * Math.log(1 - random.uniform());
  return searchLimit(rateOptions(100 * (0.95 + 0.1 * random.uniform())), async (load, length) => {
    const times = queueTimes(poissonArrivals(random, load, Math.round(4000 * length)), service);
    return { length, excesses: [excessOf(times, { metric: 'e2el', percent, limitMs })] };
  });
}

test('the rate at which a queue keeps its limit is found within 3 % by seven probes after that of the capacity', { timeout: 120_000 }, async () => {
  const truth = exponentialQueueLimit(10, 90, 46);
  expect(truth).toBeCloseTo(49.94, 2);
  const results: SearchResult[] = [];
  for (let seed = 0; seed < 12; seed++) results.push(await searchQueue(seed, 90, 46));
  const errors = results.map(({ load }) => Math.abs(load / truth - 1));
  expect(Math.max(...results.map(({ probes }) => probes.length))).toBeLessThanOrEqual(7);
  expect(errors.filter((error) => error <= 0.03).length).toBeGreaterThanOrEqual(11);
  expect(Math.max(...errors)).toBeLessThan(0.06);
  expect(results.filter(({ interval }) => interval.lower <= truth && truth <= interval.upper).length).toBeGreaterThanOrEqual(10);
});

/** Latency a + b rho / (1 - rho) in ms, without noise. */
const curve = (load: number, capacity: number): number => 20 + (30 * load) / (capacity - load);

test('without noise few probes are enough, with a capacity known or not, and none goes far over', async () => {
  const limitMs = 80; // rho = 2/3
  for (const options of [rateOptions(100), { ...rateOptions(100), curve: rateCurve(unknownCapacity(1, 400)), lowest: 1, highest: 400 }]) {
    const loads: number[] = [];
    const result = await searchLimit(options, async (load, length) => {
      loads.push(load);
      return { length, excesses: [excessOf(Array.from({ length: 100 }, () => (load < 100 ? curve(load, 100) : 10_000)), { metric: 'e2el', percent: 90, limitMs })] };
    });
    expect(Math.abs(result.load / (200 / 3) - 1)).toBeLessThan(0.03);
    expect(result.probes.length).toBeLessThanOrEqual(7);
    expect(Math.max(...loads)).toBeLessThan(200);
  }
});

test('of two limits the one met first decides, and it is named', async () => {
  const result = await searchLimit({ ...rateOptions(100), numLimits: 2 }, async (load, length) => ({
    length,
    excesses: [200, 50].map((limitMs) => Math.max(-2.5, Math.min(1.2, Math.log((load < 99.9 ? curve(load, 100) : 1e5) / limitMs)))),
  }));
  expect(result.binding).toBe(1);
  expect(Math.abs(result.load / 50 - 1)).toBeLessThan(0.03);
});

const server = (seed: number) => ({ stepMs: 8, sequenceMs: 0.25, prefillMs: 3, maxBatch: 48, length: () => lengths(seed).integer(20, 180) });
const streams = new Map<number, ReturnType<typeof seededRandom>>();
function lengths(seed: number) {
  if (!streams.has(seed)) streams.set(seed, seededRandom(seed, 'lengths'));
  return streams.get(seed)!;
}

test('the concurrency of a batching server is a whole number, right or next to it', async () => {
  for (let seed = 0; seed < 3; seed++) {
    const { load, probes } = await searchLimit(CONCURRENCY, async (concurrency, length) => {
      const times = closedBatchTimes(server(seed), concurrency, Math.round(800 * length));
      return { length, excesses: [excessOf(times.map(({ tpot }) => tpot), { metric: 'tpot', percent: 95, limitMs: 18 })] };
    });
    expect(probes.every((probe) => Number.isInteger(probe.load))).toBe(true);
    expect(Math.abs(Math.floor(load) - 34)).toBeLessThanOrEqual(1);
  }
});

test('a limit that no load keeps ends the search at the lowest, one that every load keeps at the highest', async () => {
  const constant = (excess: number) => searchLimit(CONCURRENCY, async (_, length) => ({ length, excesses: [excess] }));
  const over = await constant(0.4);
  expect(over).toMatchObject({ isAtEnd: 'lowest' });
  expect(over.probes.at(-1)!.load).toBe(1);
  const kept = await constant(-1.5);
  expect(kept).toMatchObject({ isAtEnd: 'highest' });
  expect(kept.probes.at(-1)!.load).toBe(512);
});

test('a step up is at most eightfold from what was kept', async () => {
  const loads: number[] = [];
  await searchLimit(CONCURRENCY, async (load, length) => (loads.push(load), { length, excesses: [-2.5] }));
  loads.slice(1).forEach((load, i) => expect(load).toBeLessThanOrEqual(8 * Math.max(...loads.slice(0, i + 1))));
});

test('the batching server is what its formula says where nobody waits', () => {
  const alone = batchTimes({ stepMs: 8, sequenceMs: 0.25, prefillMs: 3, maxBatch: 4, length: () => 11 }, Float64Array.of(0, 1000));
  for (const request of alone) expect(request).toEqual({ ttft: 11.25, tpot: 8.25, e2el: expect.closeTo(11.25 + 82.5, 9) });
});
