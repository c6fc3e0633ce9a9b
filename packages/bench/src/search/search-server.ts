// The search on a server: every probe a run of the bench with a seed of its own, so that neither its texts nor its arrivals are the last
// one's. For a rate the first run is all requests at once: it gives the capacity, above which no rate can be kept.
import { TrtllmError } from '@trtllm/protocol';
import type { BenchInput } from '../bench-options.js';
import { latenciesOf } from '../client/timeline.js';
import type { BenchReport } from '../report/bench-report.js';
import { valueOf } from '../report/goodput.js';
import { runBenchmark, type BenchHooks } from '../run-benchmark.js';
import { minSamples } from '../statistics/distribution.js';
import { levelSave, type Series } from '../sweep/series-file.js';
import { excessOf, type Slo } from './excess.js';
import { CONCURRENCY_CURVE, measuredCapacity, rateCurve, unknownCapacity } from './load-curve.js';
import { searchLimit, type SearchOptions, type SearchResult } from './search-limit.js';

export interface ServerSearch {
  over: 'rate' | 'concurrency';
  slos: readonly Slo[];
  /** Default: of a rate, what the capacity leaves; of concurrency 1 to 512. */
  range?: { lowest: number; highest: number } | undefined;
  /** That of the capacity included. */
  maxProbes: number;
  precision: number;
  /** `numPrompts` is that of a short probe; a long one has up to LONGEST_PROBE times as many. */
  probe: BenchInput;
}

export interface SearchHooks extends BenchHooks {
  /** `load` is Infinity for the capacity. */
  onProbe?: ((load: number, numPrompts: number) => void) | undefined;
  onReport?: ((load: number, report: BenchReport) => void) | undefined;
}

export interface ServerSearchResult extends SearchResult {
  over: ServerSearch['over'];
  slos: readonly Slo[];
  /** Requests a second, all at once. */
  capacity?: number | undefined;
  reports: { load: number; report: BenchReport }[];
}

/** In short probes: 95 to 100 % of searches then come within 3 % by the cases of tools/simulate-slo-search.mjs; with half of it 82 to 98 %. */
export const LONGEST_PROBE = 16;
export const LONGEST_PROBE_S = 300;
const CONCURRENCY_RANGE = { lowest: 1, highest: 512 };
const DEFAULT_PROMPTS = 1000;

export async function searchServer(search: ServerSearch, hooks: SearchHooks = {}, series?: Series): Promise<ServerSearchResult> {
  checkSearch(search);
  const reports: ServerSearchResult['reports'] = [];
  const run = async (load: number, input: BenchInput): Promise<BenchReport> => {
    const { probe } = search;
    hooks.onProbe?.(load, input.numPrompts!);
    const report = await runBenchmark({ ...probe, ...input, seed: (probe.seed ?? 0) + reports.length + 1, save: levelSave(probe.save, series, `probe-${reports.length + 1}`) }, hooks);
    hooks.signal?.throwIfAborted();
    reports.push({ load, report });
    hooks.onReport?.(load, report);
    return report;
  };
  const numPrompts = search.probe.numPrompts ?? DEFAULT_PROMPTS;
  const isRate = search.over === 'rate';
  const capacity = isRate && !search.range ? capacityOf(await run(Infinity, { requestRate: Infinity, numPrompts })) : undefined;
  const result = await searchLimit(optionsOf(search, capacity, reports.length), async (load, wanted) => {
    const asked = requestsOf(search, load, Math.round(wanted * numPrompts));
    const report = await run(load, { ...(isRate ? { requestRate: load } : { maxConcurrency: load }), numPrompts: asked });
    return { excesses: excessesOf(report, search.slos), length: report.records.length / numPrompts };
  });
  const load = isRate ? result.load : Math.max(1, Math.floor(result.load));
  return { ...result, load, over: search.over, slos: search.slos, capacity, reports };
}

function checkSearch({ slos, range, probe, over }: ServerSearch): void {
  if (slos.length === 0) throw new TrtllmError('BAD_FLAG', '--slo: needed with --search; give limits such as ttft:p99:500');
  const needed = Math.max(...slos.map(({ percent }) => minSamples(percent)));
  if ((probe.numPrompts ?? DEFAULT_PROMPTS) < needed) throw new TrtllmError('BAD_FLAG', `--num-prompts ${probe.numPrompts}: expected at least ${needed}, which p${Math.max(...slos.map(({ percent }) => percent))} needs to mean anything`);
  if (range && !(range.lowest > 0 && range.highest > range.lowest)) throw new TrtllmError('BAD_FLAG', `--search-range: expected LOW-HIGH with 0 < LOW < HIGH, found ${range.lowest}-${range.highest}`);
  if (over === 'concurrency' && probe.requestRate !== undefined && probe.requestRate !== Infinity) throw new TrtllmError('BAD_FLAG', '--request-rate: with --search concurrency the next request goes as soon as a slot is free; leave it out');
}

/** Few at a low rate, for time's sake, but as many as the percentiles need; of a concurrency enough to fill it several times. */
function requestsOf({ over, slos, probe }: ServerSearch, load: number, wanted: number): number {
  if (over === 'concurrency') return Math.max(wanted, 5 * load);
  const needed = Math.max(...slos.map(({ percent }) => minSamples(percent)));
  return Math.max(needed, Math.min(wanted, Math.round(load * (probe.maxSeconds ?? LONGEST_PROBE_S))));
}

function optionsOf({ over, slos, range, maxProbes, precision }: ServerSearch, capacity: number | undefined, probesDone: number): SearchOptions {
  const [lowest, highest] = capacity === undefined ? bounds(range ?? CONCURRENCY_RANGE) : [capacity / 50, 1.1 * capacity];
  const curve = over === 'concurrency' ? CONCURRENCY_CURVE : rateCurve(capacity === undefined ? unknownCapacity(lowest, highest) : measuredCapacity(capacity));
  return { numLimits: slos.length, curve, lowest, highest, wholeLoads: over === 'concurrency', maxProbes: maxProbes - probesDone, maxLength: LONGEST_PROBE, precision };
}

function bounds({ lowest, highest }: { lowest: number; highest: number }): [number, number] {
  return [lowest, highest];
}

/** Requests a second between the first and the last quarter of the replies: without start and tail. */
function capacityOf({ records, failed, failures }: BenchReport): number {
  const ends = records.filter(({ outcome }) => outcome === 'ok').map(({ timeline }) => timeline.done).sort((a, b) => a - b);
  const [from, to] = [Math.floor(ends.length / 4), Math.floor((3 * ends.length) / 4)];
  const seconds = (ends[to]! - ends[from]!) / 1000;
  if (ends.length >= 4 && failed < ends.length / 10 && seconds > 0) return (to - from) / seconds;
  throw new TrtllmError('BENCH_FAILED_REQUESTS', `all requests at once gave no capacity: ${failed} failed${failures[0] ? ` (${failures[0].reason})` : ''}; limit them with --max-concurrency, or give --search-range`);
}

/** Failed requests are slower than any. */
function excessesOf({ records, options }: BenchReport, slos: readonly Slo[]): number[] {
  const counted = records.filter(({ outcome }) => outcome !== 'cancelled');
  return slos.map((slo) => {
    const samples = counted.map((record) => (record.outcome === 'ok' ? valueOf(latenciesOf(record.timeline, record.outputTokens), slo.metric, options.requestRate !== Infinity) : Infinity)).filter((value) => value !== undefined);
    if (samples.length === 0) throw new TrtllmError('BAD_FLAG', `--slo ${slo.metric}: no request has this figure; is streaming on, and the output longer than a token?`);
    return excessOf(samples, slo);
  });
}
