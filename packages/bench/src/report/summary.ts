// Records -> report: counts, throughput over the whole run, latency distributions over completed requests.
import type { BenchOptions } from '../bench-options.js';
import type { BenchReport, FailureGroup, LatencyName, Note } from './bench-report.js';
import { distributionOf, type Censoring, type Distribution } from '../statistics/distribution.js';
import { attainmentOf, isGood } from './goodput.js';
import { latencyIntervals } from './intervals.js';
import { notesOn } from './notes.js';
import { percentileNotes } from './percentile-notes.js';
import type { ClientFacts } from '../client/client-health.js';
import type { CountTokens, RequestRecord } from '../client/request-record.js';
import type { Observed } from '../observe/watch-run.js';
import { busySpan, durationMs, peakConcurrency, peakTokensPerSecond, tokensPerSecond } from './throughput.js';
import { tokenRateInterval } from './throughput-interval.js';
import { steadyWindow } from './steady-window.js';
import { turnFigures } from './turns.js';
import type { Stopped } from '../stop-rules.js';
import { latenciesOf, type Latencies } from '../client/timeline.js';
import type { Evidence } from '../verdict/evidence.js';
import { verdictOn } from '../verdict/verdict.js';

export interface RunFacts {
  options: BenchOptions;
  model: string;
  planHash: string;
  /** What the data set has to say. */
  planNotes: Note[];
  expectsCacheHits: boolean;
  startedAt: Date;
  interrupted: boolean;
  stopped?: Stopped | undefined;
  records: RequestRecord[];
  observed: Observed;
  client: ClientFacts;
  /** Index of a request to that of the first with the same prompt. */
  repeats: ReadonlyMap<number, number>;
  countTokens?: CountTokens | undefined;
}

type Measured = RequestRecord & { latencies: Latencies };

// What our own table shows whatever --metric-percentiles asks for.
const OWN_PERCENTS = [50, 90, 99];

export function summarize(facts: RunFacts): BenchReport {
  const { options, records } = facts;
  const completed: Measured[] = records
    .filter((record) => record.outcome === 'ok')
    .map((record) => ({ ...record, latencies: latenciesOf(record.timeline, record.outputTokens) }));
  const failures = records.filter((record) => record.outcome !== 'ok' && record.outcome !== 'cancelled');
  const durationS = durationMs(records) / 1000;
  const perSecond = (count: number): number => (durationS > 0 ? count / durationS : 0);
  const inputTokens = sum(completed, (record) => record.serverInput ?? record.plannedInput);
  const outputTokens = sum(completed, (record) => record.outputTokens);
  const stamps = sum(completed, ({ latencies }) => (latencies.ttft === undefined ? 0 : latencies.icl.length + 1));
  const latencies = distributions(completed, failures, options);
  const busy = options.requestRate === Infinity ? busySpan(records, options.maxConcurrency) : undefined;
  const hasTimeouts = failures.some(({ outcome }) => outcome === 'timeout');
  const report: BenchReport = {
    options,
    model: facts.model,
    planHash: facts.planHash,
    expectsCacheHits: facts.expectsCacheHits,
    startedAt: facts.startedAt,
    interrupted: facts.interrupted,
    stopped: facts.stopped,
    planned: options.numPrompts,
    completed: completed.length,
    failed: failures.length,
    cancelled: records.length - completed.length - failures.length,
    failures: groupFailures(failures),
    durationS,
    inputTokens,
    outputTokens,
    cachedTokens: sum(completed, (record) => record.cachedInput ?? 0),
    lostOutputTokens: sum(records, (record) => (record.outcome === 'ok' ? 0 : record.outputTokens)),
    requestThroughput: perSecond(completed.length),
    outputThroughput: perSecond(outputTokens),
    totalThroughput: perSecond(inputTokens + outputTokens),
    userThroughput: sum(completed, (record) => (record.outputTokens / record.latencies.e2el) * 1000) / (completed.length || 1),
    goodput: Object.keys(options.goodput).length > 0 ? perSecond(completed.filter((r) => isGood(r, options)).length) : undefined,
    attainment: Object.keys(options.goodput).length > 0 ? attainmentOf(completed, completed.length + failures.length, options) : undefined,
    steadyOutputThroughput: busy && tokensPerSecond(records, busy),
    steadyOutputInterval: busy && tokenRateInterval(records.map(({ timeline }) => timeline), busy),
    steadyWindow: steadyWindow(records),
    peakOutputThroughput: peakTokensPerSecond(completed),
    meanConcurrency: perSecond(sum(completed, (record) => record.latencies.e2el) / 1000),
    peakConcurrency: peakConcurrency(records),
    tokensPerStep: distributionOf(completed.flatMap(({ tokensPerStep }) => tokensPerStep ?? []), options.metricPercentiles),
    coalescing: stamps > 0 ? outputTokens / stamps : 1,
    latencies,
    intervals: hasTimeouts ? undefined : latencyIntervals(completed.map((record) => record.latencies), latencies),
    turns: turnFigures(records, completed, percentsOf(options)),
    clientCpu: perSecond(facts.client.cpuS),
    observed: facts.observed,
    verdict: verdictOn({ ...facts, ...loadOf(options), planned: options.numPrompts, clientCpu: perSecond(facts.client.cpuS) }),
    notes: [],
    records,
  };
  report.notes = [...facts.planNotes, ...facts.observed.notes, ...notesOn(report), ...percentileNotes(report)];
  return report;
}

function loadOf({ requestRate, maxConcurrency, ignoreEos, backend }: BenchOptions): Pick<Evidence, 'load' | 'maxConcurrency' | 'ignoreEos' | 'isChat'> {
  const load = requestRate !== Infinity ? 'open' : maxConcurrency !== undefined ? 'closed' : 'burst';
  return { load, maxConcurrency, ignoreEos, isChat: backend === 'openai-chat' };
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

function groupFailures(failures: readonly RequestRecord[]): FailureGroup[] {
  const groups = new Map<string, FailureGroup>();
  for (const { outcome, reason = '' } of failures) {
    const key = `${outcome}: ${reason}`;
    const group = groups.get(key) ?? { outcome, reason, count: 0 };
    group.count++;
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

function percentsOf({ metricPercentiles }: BenchOptions): number[] {
  return [...new Set([...metricPercentiles, ...OWN_PERCENTS])].sort((a, b) => a - b);
}

function distributions(completed: Measured[], failures: RequestRecord[], options: BenchOptions): BenchReport['latencies'] {
  const percents = percentsOf(options);
  const timeouts: Censoring = { count: failures.filter((f) => f.outcome === 'timeout').length, limit: options.timeoutMs };
  const perRequest = (name: 'ttft' | 'ttfo' | 'tpot' | 'e2el' | 'queue', censored?: Censoring): Distribution | undefined =>
    distributionOf(completed.map((record) => record.latencies[name]).filter((value) => value !== undefined), percents, censored);
  const pooled = (name: 'itl' | 'icl'): Distribution | undefined =>
    distributionOf(completed.flatMap((record) => record.latencies[name]), percents);
  return {
    ttft: perRequest('ttft', timeouts),
    ttfo: perRequest('ttfo', timeouts),
    tpot: perRequest('tpot', timeouts),
    itl: pooled('itl'),
    icl: pooled('icl'),
    e2el: perRequest('e2el', timeouts),
    queue: perRequest('queue'),
  } satisfies Record<LatencyName, Distribution | undefined>;
}
