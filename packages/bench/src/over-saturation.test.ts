// On simulated queues at rates below and above what they can do.
import { expect, test } from 'vitest';
import { seededRandom } from './plan/seeded-random.js';
import { batchTimes, poissonArrivals, queueTimes } from './search/simulated-servers.js';
import { saturationOf, type Passage } from './over-saturation.js';

/** M/M/1 with service of 10 ms: 100 a second at most. */
function queueRun(seed: number, rate: number, numRequests = 1000): Passage[] {
  const random = seededRandom(seed, 'saturation');
  const arrivals = poissonArrivals(random, rate, numRequests);
  const times = queueTimes(arrivals, () => -10 * Math.log(1 - random.uniform()));
  return Array.from(arrivals, (sentAt, i) => ({ sentAt, firstAt: sentAt + times[i]!, endedAt: sentAt + times[i]! }));
}

const share = (rate: number) => Array.from({ length: 100 }, (_, seed) => saturationOf(queueRun(seed, rate))).filter((found) => found !== undefined).length / 100;

test('a queue that can do its rate is not called saturated, one that cannot is', () => {
  expect(share(70)).toBeLessThanOrEqual(0.02);
  expect(share(130)).toBeGreaterThanOrEqual(0.75);
  expect(share(200)).toBeGreaterThanOrEqual(0.95);
});

test('the growth is the rate that the server leaves over', () => {
  const found = saturationOf(queueRun(1, 150, 3000))!;
  expect(Math.abs(found.growthPerS - 50)).toBeLessThan(15);
});

test('a server that fills slowly and then holds is not saturated', () => {
  const random = seededRandom(5, 'fill');
  const server = { stepMs: 8, sequenceMs: 0.25, prefillMs: 3, maxBatch: 256, length: () => random.integer(150, 250) };
  const arrivals = poissonArrivals(random, 8, 400);
  const passages = batchTimes(server, arrivals).map(({ ttft, e2el }, i) => ({ sentAt: arrivals[i]!, firstAt: arrivals[i]! + ttft, endedAt: arrivals[i]! + e2el }));
  expect(saturationOf(passages)).toBeUndefined();
});

test('of open requests the waiting so far counts; few requests tell nothing', () => {
  const run = queueRun(1, 150, 3000);
  const now = run[2000]!.sentAt;
  const seenByThen = run.slice(0, 2000).map((passage) => (passage.endedAt! > now ? { sentAt: passage.sentAt } : passage));
  expect(saturationOf(seenByThen, 0.005)).toBeDefined();
  expect(saturationOf(run.slice(0, 50))).toBeUndefined();
});
