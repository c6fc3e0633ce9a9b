// A whole run: target, probe, workload and arrivals, requests -> records -> report. Any OpenAI server, over HTTP only.
import type { Tokenizer } from '@trtllm/text';
import { planArrivals } from './plan/arrivals.js';
import { DATASETS } from './plan/datasets/index.js';
import type { Sampler } from './plan/datasets/sampler.js';
import { drawPlan } from './plan/draw-plan.js';
import { settleOptions, type BenchInput, type BenchOptions } from './bench-options.js';
import type { BenchReport } from './report/bench-report.js';
import { BACKENDS, pathFor } from './client/backends.js';
import { ClientHealth } from './client/client-health.js';
import { askWith, measureOverhead } from './client/probe.js';
import { ProgressMeter, type BenchProgress } from './progress.js';
import { PromptWords } from './plan/prompt-words.js';
import { idWriter, textWriter, type PromptWriter } from './plan/prompt-writer.js';
import { requestBody } from './client/request-body.js';
import { recordOf, type RequestRecord } from './client/request-record.js';
import { ResultFiles } from './report/save-result.js';
import { RunWatch } from './observe/watch-run.js';
import { seededRandom } from './plan/seeded-random.js';
import { sendByNode } from './client/send-by-node.js';
import type { SendJob } from './client/send-job.js';
import { sendByNative } from './client/native/send-by-native.js';
import type { Passage } from './over-saturation.js';
import { StopRules, type Stopped } from './stop-rules.js';
import { StreamClient } from './client/stream-client.js';
import { findTarget } from './client/target.js';
import { summarize } from './report/summary.js';
import { monotonicMs } from './client/timeline.js';
import { replyCounter } from './client/token-counts.js';
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
  const watch = new RunWatch(options);
  const signal = hooks.signal ?? new AbortController().signal;
  const cancel = (): void => void client.cancelAll();
  signal.addEventListener('abort', cancel);
  try {
    signal.throwIfAborted();
    return await run({ options, client, progress, watch, signal });
  } finally {
    signal.removeEventListener('abort', cancel);
    progress.stop();
    watch.close();
    await client.close();
  }
}

interface Run {
  options: BenchOptions;
  client: StreamClient;
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
  const files = options.save && new ResultFiles(options.save, options, model, startedAt);
  try {
    progress.enter('run');
    await bench.watch.begin();
    const start = monotonicMs();
    const health = new ClientHealth();
    const { records, stopped } = await sendAll(bench, prepared, health, files).finally(() => health.close());
    const client = health.end();
    const observed = await bench.watch.end(start);
    const plan = { planHash: planHash(requests), planNotes: notes, expectsCacheHits: sharesText(options.datasetName, requests), repeats: repeatsOf(requests) };
    const facts = { options, model, ...plan, startedAt, interrupted: signal.aborted, stopped, records, observed, client, countTokens: prepared.tokenizer && replyCounter(prepared.tokenizer) };
    const report = summarize(facts);
    files?.writeSummary(report);
    progress.enter('done');
    return report;
  } finally {
    files?.close();
  }
}

interface Prepared extends Plan {
  /** With the number of requests and their mean rate as planned. */
  options: BenchOptions;
  model: string;
  tokenizer: Tokenizer | undefined;
  conversations: PlannedRequest[][];
  /** One for each conversation. */
  offsets: Float64Array;
}

async function prepare(bench: Run): Promise<Prepared> {
  const { options, client } = bench;
  const sample = await DATASETS[options.datasetName](options);
  const { model, tokenizer, tokenizerDir, notes } = await findTarget(client, options);
  const writer = await preparePrompts(bench, model, tokenizer);
  const plan = await planRequests(bench, sample, writer);
  const conversations = conversationsOf(plan.requests);
  const offsets = planArrivals(options, conversations.map(([first]) => first!));
  const planned = { ...options, tokenizerDir, numPrompts: plan.requests.length, requestRate: meanRate(options, offsets) };
  return { ...plan, notes: [...notes, ...plan.notes], options: planned, model, tokenizer, conversations, offsets };
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

async function planRequests({ options, progress, signal }: Run, sample: Sampler, writer: PromptWriter): Promise<Plan> {
  progress.enter('prompts');
  const { backend, seed, salt, numPrompts } = options;
  const plan = await drawPlan(sample, { seed, salt, numPrompts, writer }, { backend, onRequest: () => progress.promptWritten(), signal });
  progress.total = plan.requests.length;
  return plan;
}

async function sendAll({ client, progress, signal }: Run, prepared: Prepared, health: ClientHealth, files: ResultFiles | undefined): Promise<{ records: RequestRecord[]; stopped: Stopped | undefined }> {
  const { options, model, tokenizer, conversations, offsets } = prepared;
  const { endpoint, backend, stream: isStream, maxConcurrency, requestRate } = options;
  const cancelOpen = new AbortController();
  const rules = new StopRules(options, () => cancelOpen.abort());
  const records: RequestRecord[] = [];
  const passages = new Map<PlannedRequest, Passage>();
  const countTokens = tokenizer && replyCounter(tokenizer);
  const target = { path: pathFor(endpoint, model), form: BACKENDS[backend].reply, isStream };
  const job: SendJob = {
    conversations,
    offsets,
    maxConcurrency,
    isClosedLoop: requestRate === Infinity && maxConcurrency !== undefined,
    // All at once, or behind a limit, a request has to wait for others.
    hasDueTime: (requestRate === Infinity) === (maxConcurrency !== undefined),
    sending: AbortSignal.any([signal, rules.signal]),
    waiting: AbortSignal.any([signal, cancelOpen.signal]),
    postOf: (request, scheduled) => {
      passages.set(request, rules.sent(Math.max(scheduled, monotonicMs())));
      return { ...target, body: requestBody(options, model, request), scheduled };
    },
    take: (request, exchange) => {
      const record = recordOf(request, exchange, countTokens);
      progress.ended(record);
      rules.ended(passages.get(request)!, record);
      files?.append(record);
      records.push(record);
      return record;
    },
    onSent: (count) => progress.sent(count),
    onEvents: (count) => progress.tokens(count),
  };
  rules.start(monotonicMs);
  const all = options.client === 'native' ? sendByNative(job, { ...options, executable: options.loadgen! }, health) : sendByNode(job, client, health);
  await all.finally(() => rules.close());
  return { records: records.sort((a, b) => a.index - b.index), stopped: rules.stopped };
}
