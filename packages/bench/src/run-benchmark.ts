// A whole run: target, probe, workload and arrivals, requests -> records -> report. Any OpenAI server, over HTTP only.
import type { Tokenizer } from '@trtllm/text';
import { AgentFleet } from './agents/agent-fleet.js';
import { planArrivals } from './plan/arrivals.js';
import { DATASETS } from './plan/datasets/index.js';
import type { Sampler } from './plan/datasets/sampler.js';
import { drawPlan } from './plan/draw-plan.js';
import { assignModules } from './plan/lora-modules.js';
import { settleOptions, type BenchInput, type BenchOptions } from './bench-options.js';
import type { BenchReport } from './report/bench-report.js';
import { BACKENDS } from './client/backends.js';
import { ClientHealth } from './client/client-health.js';
import { askWith, measureOverhead } from './client/probe.js';
import { ProgressMeter, type BenchProgress } from './progress.js';
import { PromptWords } from './plan/prompt-words.js';
import { idWriter, textWriter, type PromptWriter } from './plan/prompt-writer.js';
import type { RequestRecord } from './client/request-record.js';
import { ResultFiles } from './report/save-result.js';
import { ServerProfile } from './observe/server-profile.js';
import { RunWatch } from './observe/watch-run.js';
import { seededRandom } from './plan/seeded-random.js';
import { sendAll } from './send-all.js';
import { requestHeaders } from './client/request-headers.js';
import { untilReady } from './client/server-ready.js';
import { StreamClient } from './client/stream-client.js';
import { findTarget } from './client/target.js';
import { summarize } from './report/summary.js';
import { replyCounter } from './client/token-counts.js';
import { asWarmUp, warmUpNotes, warmUpSalt } from './plan/warm-up.js';
import { saveBreakdown } from './views/save-breakdown.js';
import { conversationsOf, planHash, repeatsOf, sharesText, type Plan, type PlannedRequest } from './plan/workload.js';

export interface BenchHooks {
  /** Ends the run early; the report then covers what was done. */
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: BenchProgress) => void) | undefined;
}

/** Failed requests are in the report; what keeps the run from starting is thrown (an abort before it as AbortError). */
export async function runBenchmark(input: BenchInput, hooks: BenchHooks = {}): Promise<BenchReport> {
  const options = settleOptions(input);
  const client = new StreamClient(options);
  const progress = new ProgressMeter(options.numPrompts, hooks.onProgress ?? (() => {}));
  const watch = new RunWatch({ ...options, breaksDown: options.save?.breakdown ?? false });
  const signal = hooks.signal ?? new AbortController().signal;
  const cancel = (): void => void client.cancelAll();
  let fleet: AgentFleet | undefined;
  signal.addEventListener('abort', cancel);
  try {
    signal.throwIfAborted();
    if (options.agents) fleet = await AgentFleet.connect({ ...options, agents: options.agents });
    return await run({ options, client, fleet, progress, watch, signal });
  } finally {
    signal.removeEventListener('abort', cancel);
    progress.stop();
    watch.close();
    fleet?.close();
    await client.close();
  }
}

interface Run {
  options: BenchOptions;
  client: StreamClient;
  fleet: AgentFleet | undefined;
  progress: ProgressMeter;
  watch: RunWatch;
  signal: AbortSignal;
}

async function run(bench: Run): Promise<BenchReport> {
  const { progress, signal } = bench;
  const prepared = await prepare(bench).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
  const { model, options, requests, notes } = prepared;
  const startedAt = new Date();
  const profile = new ServerProfile(options);
  const files = options.save && new ResultFiles(options.save, options, model, startedAt);
  try {
    progress.enter(options.numWarmups > 0 ? 'warm-up' : 'run');
    await bench.watch.begin();
    await profile.begin();
    const health = new ClientHealth();
    const countTokens = prepared.tokenizer && replyCounter(prepared.tokenizer);
    const sending = { ...bench, ...prepared, health, countTokens, onRecord: (record: RequestRecord) => files?.append(record) };
    const { records, stopped } = await sendAll(sending).finally(() => health.close());
    const client = health.end();
    const observed = await bench.watch.end(health.since, options.numWarmups + records.filter(({ outcome }) => outcome === 'ok').length, options.numWarmups);
    const planNotes = [...notes, ...(bench.fleet?.notes() ?? []), ...(await profile.end())];
    const plan = { planHash: planHash(requests), planNotes, expectsCacheHits: sharesText(options.datasetName, requests), repeats: repeatsOf(requests) };
    const facts = { options, model, ...plan, startedAt, interrupted: signal.aborted, stopped, records, observed, client, countTokens };
    const report = summarize(facts);
    files?.writeSummary(report);
    if (files && observed.breakdown) saveBreakdown(files.stem, model, observed.breakdown);
    progress.enter('done');
    return report;
  } finally {
    await profile.end();
    files?.close();
  }
}

interface Prepared extends Plan {
  /** With the number of requests and their mean rate as planned. */
  options: BenchOptions;
  model: string;
  tokenizer: Tokenizer | undefined;
  /** Those of the warm-up first. */
  conversations: PlannedRequest[][];
  numWarmups: number;
  /** One for each conversation. */
  offsets: Float64Array;
}

async function prepare(bench: Run): Promise<Prepared> {
  const { options, client } = bench;
  const sample = await DATASETS[options.datasetName](options);
  if (options.readyTimeoutMs > 0) await untilReady(options.baseUrl, options.readyTimeoutMs, bench.signal, requestHeaders(options));
  const { model, tokenizer, tokenizerDir, notes } = await findTarget(client, options);
  const writer = await preparePrompts(bench, model, tokenizer);
  const plan = await planRequests(bench, sample, writer, options);
  bench.progress.total = plan.requests.length;
  const warmUp = options.numWarmups > 0 ? await planRequests(bench, sample, writer, { numPrompts: options.numWarmups, salt: warmUpSalt(options.salt) }) : undefined;
  const warming = conversationsOf(asWarmUp(warmUp?.requests ?? []));
  const conversations = [...warming, ...conversationsOf(plan.requests)];
  const offsets = planArrivals(options, conversations.map(([first]) => first!));
  const planned = { ...options, tokenizerDir, numPrompts: plan.requests.length, requestRate: meanRate(options, offsets) };
  return { ...plan, notes: [...notes, ...warmUpNotes(options), ...plan.notes], options: planned, model, tokenizer, conversations, numWarmups: warming.length, offsets };
}

/** Of a ramp or a trace nobody gave a rate; four digits tell it. */
function meanRate({ requestRate }: BenchOptions, offsets: Float64Array): number {
  const last = offsets.at(-1) ?? 0;
  if (requestRate !== Infinity || last === 0) return requestRate;
  return Number(((1000 * (offsets.length - 1)) / last).toPrecision(4));
}

/** Tries the server, unless told not to, and finds out how long its prompts come out. */
async function preparePrompts({ options, client }: Run, model: string, tokenizer: Tokenizer | undefined): Promise<PromptWriter> {
  const ask = askWith(client, options, model);
  if (tokenizer === undefined || options.tokenizeOnClient) {
    const writer = idWriter(tokenizer, options.vocabSize ?? tokenizer!.vocabSize);
    if (options.testInput) await ask(writer.promptOf(writer.draw(seededRandom(0, 'probe'), 4, true)));
    return writer;
  }
  const words = new PromptWords(tokenizer, BACKENDS[options.backend].prompts !== 'messages');
  return textWriter(words, options.testInput ? await measureOverhead(ask, words) : 0);
}

async function planRequests({ options, progress, signal }: Run, sample: Sampler, writer: PromptWriter, { numPrompts, salt }: Pick<BenchOptions, 'numPrompts' | 'salt'>): Promise<Plan> {
  progress.enter('prompts');
  const { backend, seed, loraModules } = options;
  const { requests, notes } = await drawPlan(sample, { seed, salt, numPrompts, writer }, { backend, onRequest: () => progress.promptWritten(), signal });
  return { requests: assignModules(requests, loraModules, seed), notes };
}
