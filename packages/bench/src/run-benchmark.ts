// A whole run: target, probe, workload and arrivals, requests -> records -> report. Any OpenAI server, over HTTP only.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TrtllmError } from '@trtllm/protocol';
import { loadTokenizer, type Tokenizer } from '@trtllm/text';
import { planArrivals } from './plan/arrivals.js';
import { settleOptions, type BenchInput, type BenchOptions } from './bench-options.js';
import type { BenchReport } from './report/bench-report.js';
import { askWith, measureOverhead } from './client/probe.js';
import { ProgressMeter, type BenchProgress } from './progress.js';
import { PromptWords } from './plan/prompt-words.js';
import { requestBody } from './client/request-body.js';
import { recordOf, type RequestRecord } from './client/request-record.js';
import { ResultFiles } from './report/save-result.js';
import { seededRandom } from './plan/seeded-random.js';
import { sendRequests } from './client/send-requests.js';
import { StreamClient } from './client/stream-client.js';
import { summarize } from './report/summary.js';
import { replyCounter } from './client/token-counts.js';
import { idWriter, planHash, planWorkload, textWriter, type PlannedRequest, type PromptWriter } from './plan/workload.js';

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
  const signal = hooks.signal ?? new AbortController().signal;
  const cancel = (): void => void client.cancelAll();
  signal.addEventListener('abort', cancel);
  try {
    signal.throwIfAborted();
    return await run({ options, client, progress, signal });
  } finally {
    signal.removeEventListener('abort', cancel);
    progress.stop();
    await client.close();
  }
}

interface Run {
  options: BenchOptions;
  client: StreamClient;
  progress: ProgressMeter;
  signal: AbortSignal;
}

async function run(bench: Run): Promise<BenchReport> {
  const { options, progress, signal } = bench;
  const { model, tokenizer, plans } = await prepare(bench).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
  const startedAt = new Date();
  const files = options.save && new ResultFiles(options.save, options, model, startedAt);
  try {
    progress.enter('run');
    const cpuBefore = process.cpuUsage();
    const records = await sendAll(bench, model, plans, tokenizer, files);
    const { user, system } = process.cpuUsage(cpuBefore);
    const interrupted = signal.aborted;
    const facts = { options, model, planHash: planHash(plans), startedAt, interrupted, records, cpuS: (user + system) / 1e6 };
    const report = summarize(facts);
    files?.writeSummary(report);
    progress.enter('done');
    return report;
  } finally {
    files?.close();
  }
}

interface Prepared {
  model: string;
  tokenizer: Tokenizer | undefined;
  plans: PlannedRequest[];
}

async function prepare(bench: Run): Promise<Prepared> {
  const model = bench.options.model ?? (await firstModel(bench.client, bench.options.baseUrl));
  const tokenizer = await tokenizerOf(bench.options);
  const writer = await preparePrompts(bench, model, tokenizer);
  return { model, tokenizer, plans: await writePrompts(bench, writer) };
}

async function tokenizerOf({ tokenizerDir, tokenizeOnClient, vocabSize }: BenchOptions): Promise<Tokenizer | undefined> {
  const tokenizer = tokenizerDir === undefined ? undefined : await loadTokenizer(tokenizerDir);
  if (tokenizer !== undefined || (tokenizeOnClient && vocabSize !== undefined)) return tokenizer;
  throw new TrtllmError('BAD_FLAG', `--tokenizer: no tokenizer.json in ${tokenizerDir}; ids go without: --tokenize-on-client --vocab-size N`);
}

async function firstModel(client: StreamClient, baseUrl: string): Promise<string> {
  const { status, body } = await client.getJson('/v1/models').catch((cause: Error) => {
    throw new TrtllmError('SERVER_UNREACHABLE', `${baseUrl}: ${cause.message || 'no connection'}; is the server up?`, { cause });
  });
  const model: unknown = (body as { data?: { id?: unknown }[] } | null)?.data?.[0]?.id;
  if (typeof model === 'string') return model;
  throw new TrtllmError('BAD_FLAG', `--model: ${baseUrl}/v1/models names none (HTTP ${status}); say which`);
}

/** Tries the server, unless told not to, and finds out how long its prompts come out. */
async function preparePrompts(
  { options, client, progress }: Run,
  model: string,
  tokenizer: Tokenizer | undefined,
): Promise<PromptWriter> {
  const ask = askWith(client, options, model);
  if (tokenizer === undefined || options.tokenizeOnClient) {
    const writer = idWriter(tokenizer, options.vocabSize ?? tokenizer!.vocabSize, options);
    if (options.testInput) await ask(writer(seededRandom(0, 'probe'), options.prefixLen + 4));
    progress.enter('prompts');
    return writer;
  }
  const words = new PromptWords(tokenizer, options.backend === 'openai');
  const overhead = options.testInput ? await measureOverhead(ask, words) : 0;
  progress.enter('prompts');
  return textWriter(words, options, overhead);
}

async function writePrompts({ options, progress, signal }: Run, writer: PromptWriter): Promise<PlannedRequest[]> {
  const plans: PlannedRequest[] = [];
  for (const plan of planWorkload(options, writer)) {
    plans.push(plan);
    progress.promptWritten();
    await nextTurn();
    if (signal.aborted) break;
  }
  return plans;
}

async function sendAll(
  { options, client, progress, signal }: Run,
  model: string,
  plans: readonly PlannedRequest[],
  tokenizer: Tokenizer | undefined,
  files: ResultFiles | undefined,
): Promise<RequestRecord[]> {
  const records: RequestRecord[] = [];
  const countTokens = tokenizer && replyCounter(tokenizer);
  const onEvents = (numEvents: number): void => progress.tokens(numEvents);
  const send = async (index: number, scheduled: number): Promise<void> => {
    const plan = plans[index]!;
    progress.sent();
    const body = requestBody(options, model, plan);
    const exchange = await client.post({ path: options.endpoint, body, isStream: options.stream, scheduled, onEvents });
    const record = recordOf(plan, exchange, countTokens);
    progress.ended(record.outcome !== 'ok');
    files?.append(record);
    records.push(record);
  };
  const isClosedLoop = options.requestRate === Infinity && options.maxConcurrency !== undefined;
  await sendRequests({ offsets: planArrivals({ ...options, numPrompts: plans.length }), maxConcurrency: options.maxConcurrency, isClosedLoop }, send, signal);
  return records.sort((a, b) => a.index - b.index);
}
