// Runs of a benchmark that nothing is wrong with: loads, lengths, servers and clients drawn from what is met in practice, as the verdict
// gets to see them.
import type { ClientFacts } from '../client/client-health.js';
import type { RequestRecord } from '../client/request-record.js';
import { gamma, normal, pick, seededRandom, type SeededRandom } from '../plan/seeded-random.js';
import type { Evidence } from '../verdict/evidence.js';
import { simulatedServer, slowness } from './simulated-server.js';

type Settings = ReturnType<typeof drawSettings>;

/** Run number `index` of a seed, with some settings given. */
export function simulatedRun(seed: number, index: number, given: Partial<Settings> = {}): Evidence {
  const random = seededRandom(seed, 'simulated run', index);
  const settings: Settings = { ...drawSettings(random), ...given };
  const records = simulatedRecords(settings, random);
  return {
    records,
    planned: records.length,
    interrupted: false,
    load: settings.load,
    maxConcurrency: settings.concurrency,
    ignoreEos: settings.ignoreEos,
    isChat: random.uniform() < 0.3,
    expectsCacheHits: false,
    repeats: drawRepeats(records.length, random),
    client: drawClient(records, settings, random),
    clientCpu: 0.02 + 0.8 * random.uniform(),
    countTokens: (text) => text.length,
  };
}

/** Log-uniform. */
function between(random: SeededRandom, low: number, high: number): number {
  return low * (high / low) ** random.uniform();
}

/** Times in ms. */
function drawSettings(random: SeededRandom) {
  const load = pick(random, ['closed', 'closed', 'open', 'open', 'burst'] as const);
  return {
    load,
    count: pick(random, [20, 30, 50, 100, 200, 500, 1000, 2000]),
    concurrency: load === 'closed' ? pick(random, [1, 2, 4, 8, 32, 128]) : undefined,
    server: { slots: pick(random, [1, 4, 16, 64, 256]), isBatched: random.uniform() < 0.5, isStream: random.uniform() < 0.9 },
    input: { mean: between(random, 16, 4096), sigma: pick(random, [0, 0, 0.2, 1]) },
    output: { mean: between(random, 1, 512), sigma: pick(random, [0, 0, 0.2, 1]) },
    ignoreEos: random.uniform() < 0.7,
    prefill: { perRequest: between(random, 1, 30), perToken: between(random, 0.005, 0.2) },
    step: between(random, 2, 60),
    noise: between(random, 0.01, 0.2),
    likeness: pick(random, [0, 0.5, 0.8, 0.95, 0.99]),
    stallShare: pick(random, [0, 0, 0.001, 0.003]),
    /** Of what the server can do; open loop. */
    utilization: 0.2 + 0.65 * random.uniform(),
    burstiness: pick(random, [0.25, 0.5, 1, 1, 1, 4, Infinity]),
    failShare: pick(random, [0, 0, 0.001, 0.003]),
    collectShare: pick(random, [0, 0.001, 0.003]),
  };
}

interface Asked {
  index: number;
  input: number;
  requestedOutput: number;
  output: number;
  prefill: number;
}

function drawRequest(index: number, { input, output, prefill, ignoreEos }: Settings, random: SeededRandom): Asked {
  const length = ({ mean, sigma }: Settings['input']): number => Math.max(1, Math.round(mean * Math.exp(sigma * normal(random) - sigma ** 2 / 2)));
  const inputLength = length(input);
  const requestedOutput = length(output);
  const isShort = !ignoreEos && random.uniform() < 0.5;
  return {
    index,
    input: inputLength,
    requestedOutput,
    output: isShort ? Math.max(1, Math.round(requestedOutput * random.uniform())) : requestedOutput,
    prefill: prefill.perRequest + prefill.perToken * inputLength,
  };
}

function simulatedRecords(settings: Settings, random: SeededRandom): RequestRecord[] {
  const requests = Array.from({ length: settings.count }, (_, index) => drawRequest(index, settings, random));
  const serve = simulatedServer(settings.server);
  const slow = slowness(random, settings.noise, settings.likeness, settings.stallShare);
  const gapMs = meanGap(requests, settings);
  const slots = Array.from({ length: settings.concurrency ?? 0 }, () => 0);
  let due = 0;
  return requests.map((request) => {
    if (settings.load === 'closed') due = Math.min(...slots);
    const sent = due + 0.2 + 0.8 * random.uniform();
    const factor = slow();
    const served = serve(sent, { prefill: request.prefill * factor, step: settings.step * factor, output: request.output });
    if (settings.load === 'closed') slots[slots.indexOf(due)] = served.done;
    const timeline = { scheduled: due, sent, tokens: served.stamps.map(() => 1), ...served };
    if (settings.load === 'open') due += gapMs * gapOf(settings, random);
    return drawRecord(request, timeline, settings, random);
  });
}

/** So that the busier of prefill and slots is busy for `utilization` of the time; four at once where prefills are batched. */
function meanGap(requests: readonly Asked[], { server, step, utilization }: Settings): number {
  const mean = (of: (request: Asked) => number): number => requests.reduce((sum, request) => sum + of(request), 0) / requests.length;
  const prefill = mean((request) => request.prefill);
  const service = prefill + step * mean(({ output }) => output - 1);
  return Math.max(prefill / (server.isBatched ? 4 : 1), service / server.slots) / utilization;
}

function gapOf({ burstiness }: Settings, random: SeededRandom): number {
  return burstiness === Infinity ? 1 : gamma(random, burstiness) / burstiness;
}

function drawRecord({ index, input, requestedOutput, output }: Asked, timeline: RequestRecord['timeline'], { count, failShare }: Settings, random: SeededRandom): RequestRecord {
  // One in a hundred at most, which is tolerated.
  const hasFailed = count >= 100 && index % 100 === 50 && random.uniform() < 100 * failShare;
  const text = 'x'.repeat(Math.max(1, Math.round(output * (0.92 + 0.16 * random.uniform()))));
  const common = { index, timeline, plannedInput: input, requestedOutput, outputTokens: output, text };
  if (hasFailed) return { ...common, outcome: 'http', reason: 'HTTP 500', outputFrom: 'events' };
  return { ...common, outcome: 'ok', serverInput: input, cachedInput: 0, outputFrom: 'usage' };
}

/** Of a file with few prompts, on a server without a cache. */
function drawRepeats(count: number, random: SeededRandom): Map<number, number> {
  const distinct = random.uniform() < 0.2 ? pick(random, [10, 50, 200]) : count;
  return new Map(Array.from({ length: Math.max(0, count - distinct) }, (_, i) => [distinct + i, random.integer(0, distinct - 1)]));
}

/** Late by part of a millisecond, and by some when memory is collected. */
function drawClient(records: readonly RequestRecord[], { load, collectShare }: Settings, random: SeededRandom): ClientFacts {
  const spanMs = records.reduce((end, { timeline }) => Math.max(end, timeline.done), 0);
  const lag = (): number => (random.uniform() < collectShare ? between(random, 1, 20) : -0.3 * Math.log(1 - random.uniform()));
  return {
    cpuS: 0,
    loopLags: Array.from({ length: Math.min(5000, Math.ceil(spanMs / 10)) }, lag),
    sendLags: load === 'burst' ? [] : records.map(lag),
    wallDrift: 2 * normal(random) + 1e-4 * spanMs * normal(random),
  };
}
