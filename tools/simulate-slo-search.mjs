// How near the search for the highest load under limits comes, and by how many probes, on simulated servers whose answer is known: by formula
// (M/M/1) or by one very long run. Every probe's server is off by some noise of the machine besides. The first probe of a search for a rate
// is all requests at once, as the bench does it, and counts.
// Usage: node tools/simulate-slo-search.mjs [SEEDS, 40] [NOISE of a probe, 0.01] [part of a case's name]
import { normal, seededRandom } from '../packages/bench/dist/plan/seeded-random.js';
import { excessOf } from '../packages/bench/dist/search/excess.js';
import { CONCURRENCY_CURVE, measuredCapacity, rateCurve } from '../packages/bench/dist/search/load-curve.js';
import { LONGEST_PROBE } from '../packages/bench/dist/search/search-server.js';
import { searchLimit } from '../packages/bench/dist/search/search-limit.js';
import { batchTimes, closedBatchTimes, exponentialQueueLimit, poissonArrivals, queueTimes } from '../packages/bench/dist/search/simulated-servers.js';

const SEEDS = Number(process.argv[2] ?? 40);
const NOISE = Number(process.argv[3] ?? 0.01);
const MAX_PROBES = 8;
const PRECISION = 0.03;

const exponential = (random) => -10 * Math.log(1 - random.uniform());
/** Mean 10, squared variation 2. */
const lognormal = (random) => 10 * Math.exp(Math.sqrt(Math.log(3)) * normal(random) - Math.log(3) / 2);
const batchServer = (random) => ({ stepMs: 8, sequenceMs: 0.25, prefillMs: 3, maxBatch: 48, length: () => random.integer(20, 180) });
const queue = (service, base) => ({
  base,
  capacity: (random) => 1e6 / sum(Array.from({ length: 1000 }, () => service(random))),
  run: (random, rate, numRequests) => queueTimes(poissonArrivals(random, rate, numRequests), () => service(random)).map((e2el) => ({ e2el })),
});
const sum = (values) => values.reduce((total, value) => total + value, 0);

const batchRate = {
  base: 2000,
  /** All at once: requests a second in the middle half. */
  capacity: (random) => {
    const ends = batchTimes(batchServer(random), new Float64Array(1000)).map(({ e2el }) => e2el).sort((a, b) => a - b);
    return 500_000 / (ends[750] - ends[250]);
  },
  run: (random, rate, numRequests) => batchTimes(batchServer(random), poissonArrivals(random, rate, numRequests)),
};
const batchConcurrency = { base: 2000, run: (random, load, numRequests) => closedBatchTimes(batchServer(random), load, numRequests) };

const slo = (metric, percent, limitMs) => ({ metric, percent, limitMs });
const CASES = [
  ['M/M/1, e2el p99 <= 92 ms', queue(exponential, 8000), [slo('e2el', 99, 92)], exponentialQueueLimit(10, 99, 92)],
  ['M/M/1, e2el p99 <= 230 ms', queue(exponential, 8000), [slo('e2el', 99, 230)], exponentialQueueLimit(10, 99, 230)],
  ['M/M/1, e2el p90 <= 46 ms', queue(exponential, 4000), [slo('e2el', 90, 46)], exponentialQueueLimit(10, 90, 46)],
  ['M/G/1, lognormal of squared variation 2, e2el p95 <= 150 ms', queue(lognormal, 4000), [slo('e2el', 95, 150)]],
  ['batching server, rate, ttft p99 <= 100 and tpot p95 <= 18 ms', batchRate, [slo('ttft', 99, 100), slo('tpot', 95, 18)]],
  ['batching server, rate, ttft p95 <= 500 ms', batchRate, [slo('ttft', 95, 500)]],
  ['batching server, concurrency, tpot p95 <= 18 ms', batchConcurrency, [slo('tpot', 95, 18)]],
  ['batching server, concurrency, ttft p90 <= 2000 ms', batchConcurrency, [slo('ttft', 90, 2000)]],
];

const excesses = (slos, requests) => slos.map((limit) => excessOf(requests.map((request) => request[limit.metric]), limit));

/** By bisection over long runs from one seed each, so that neighbours differ by the load alone. */
function longRunLimit(server, slos, [low, high], isWhole) {
  const keeps = (load) => excesses(slos, server.run(seededRandom(7, 'truth'), load, 600 * server.base)).every((excess) => excess <= 0);
  for (let i = 0; i < 12 && (!isWhole || high - low > 1); i++) {
    const middle = isWhole ? Math.floor((low + high) / 2) : (low + high) / 2;
    if (keeps(middle)) low = middle;
    else high = middle;
  }
  return isWhole ? low : (low + high) / 2;
}

async function searchOnce(server, slos, seed) {
  const random = seededRandom(seed, 'search');
  const range = server.capacity ? undefined : [1, 512];
  const capacity = server.capacity?.(random);
  const options = {
    numLimits: slos.length,
    curve: range ? CONCURRENCY_CURVE : rateCurve(measuredCapacity(capacity)),
    lowest: range ? range[0] : capacity / 50,
    highest: range ? range[1] : 1.1 * capacity,
    wholeLoads: range !== undefined,
    maxProbes: range ? MAX_PROBES : MAX_PROBES - 1,
    maxLength: LONGEST_PROBE,
    precision: PRECISION,
  };
  const result = await searchLimit(options, async (load, length) => {
    const speed = Math.exp(NOISE * normal(random));
    const requests = server.run(random, load, Math.round(length * server.base));
    return { length, excesses: excesses(slos, requests).map((excess) => excess + Math.log(speed)) };
  });
  return { ...result, numProbes: result.probes.length + (range ? 0 : 1), load: range ? Math.floor(result.load) : result.load };
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;

for (const [name, server, slos, known] of CASES) {
  if (!name.includes(process.argv[4] ?? '')) continue;
  const isWhole = !server.capacity;
  const truth = known ?? longRunLimit(server, slos, isWhole ? [1, 512] : [1, 1.1 * server.capacity(seededRandom(1, 'capacity'))], isWhole);
  const results = [];
  for (let seed = 0; seed < SEEDS; seed++) results.push(await searchOnce(server, slos, seed));
  const errors = results.map(({ load }) => Math.abs(load / truth - 1)).sort((a, b) => a - b);
  const at = (p) => percent(errors[Math.min(SEEDS - 1, Math.floor(p * SEEDS))]);
  const probes = Object.entries(Object.groupBy?.(results, ({ numProbes }) => numProbes) ?? results.reduce((groups, result) => ({ ...groups, [result.numProbes]: [...(groups[result.numProbes] ?? []), result] }), {}));
  const covered = results.filter(({ interval }) => interval.lower <= truth + (isWhole ? 1 : 0) && truth <= interval.upper).length;
  console.log(`${name}: ${truth.toFixed(2)}`);
  console.log(`  error p50 ${at(0.5)}, p90 ${at(0.9)}, p95 ${at(0.95)}, largest ${at(1)}; mean ${percent(sum(results.map(({ load }) => load / truth - 1)) / SEEDS)}; within 3 %: ${percent(errors.filter((error) => error <= 0.03).length / SEEDS)}; intervals that cover: ${percent(covered / SEEDS)}`);
  console.log(`  probes: ${probes.map(([count, group]) => `${count} in ${group.length}`).join(', ')}; requests: ${(sum(results.map((result) => sum(result.probes.map(({ length }) => length)))) * server.base / SEEDS / 1000).toFixed(0)} thousand`);
}
