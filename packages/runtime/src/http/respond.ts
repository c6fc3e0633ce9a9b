// Runs the samples of one request and answers, as one JSON reply or as a stream of events; what the JSON looks like is the
// endpoint's `ReplyFormat`.
import { TrtllmError } from '@trtllm/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { generate, type GeneratedPiece, type GenerateRequest } from '../generate.js';
import { mergeStreams } from '../merge-streams.js';
import type { WorkerClient } from '../worker/worker-client.js';
import type { App } from './app.js';
import { HttpError, toHttpError } from './errors.js';
import type { SharedFields } from './fields.js';
import type { OpenRequest } from './open-requests.js';
import { EventStream } from './sse.js';
import { Usage, type UsageBody } from './usage.js';

export interface ReplyFormat {
  /** `choices[i]`: all pieces of sample i as one. */
  whole(choices: GeneratedPiece[], usage: UsageBody): object;
  /** The events of one piece; possibly none. */
  chunks(choiceIndex: number, piece: GeneratedPiece, isFirst: boolean): object[];
  /** The event with usage alone, at the end. */
  usageChunk(): object;
}

export interface ResponsePlan {
  fields: SharedFields;
  /** One a choice, in order. */
  choices: GenerateRequest[];
  /** Of all prompts, each counted once. */
  promptTokens: number;
  format: ReplyFormat;
}

type Pieces = AsyncGenerator<[choiceIndex: number, piece: GeneratedPiece], void>;

/** A request under way. */
interface Run {
  plan: ResponsePlan;
  pieces: Pieces;
  usage: Usage;
  open: OpenRequest;
}

/** Begins the request's life, makes the plan, carries it out. A client that hangs up gets nothing, and no error is raised for it. */
export async function respond(
  app: App,
  request: FastifyRequest,
  reply: FastifyReply,
  plan: (worker: WorkerClient) => Promise<ResponsePlan>,
): Promise<object | undefined> {
  const open = app.open.begin(reply.raw);
  try {
    const worker = app.supervisor.current();
    const planned = await plan(worker);
    refuseIfFull(app, worker, planned.choices.length);
    const pieces = runChoices(app, worker, planned, open);
    const run = { plan: planned, pieces, usage: new Usage(planned.promptTokens, planned.fields.n ?? 1), open };
    if (!planned.fields.stream) return await collect(run);
    await stream(app, request, reply, run);
    return undefined;
  } catch (error) {
    if (!open.isDisconnected) throw error;
    reply.hijack();
    return undefined;
  } finally {
    open.end();
  }
}

function refuseIfFull(app: App, worker: WorkerClient, numChoices: number): void {
  const { max_batch_size, max_queue_size } = worker.limits;
  if (worker.numOpen + Math.min(numChoices, max_batch_size) <= max_batch_size + max_queue_size) return;
  const error = new TrtllmError('QUEUE_FULL', `${worker.numOpen} requests are open, ${max_queue_size} may wait (--max_queue_size); try again later`);
  throw new HttpError(429, 'rate_limit_error', 'queue_full', error.message, null, { 'retry-after': String(app.open.retryAfter_s()) });
}

function runChoices(app: App, worker: WorkerClient, plan: ResponsePlan, open: OpenRequest): Pieces {
  const samples = plan.choices.map((choice) => (signal: AbortSignal) => generate(worker, app.tokenizer, choice, signal));
  return mergeStreams(samples, worker.limits.max_batch_size, open.signal);
}

async function collect({ plan, pieces, usage, open }: Run): Promise<object> {
  const choices: GeneratedPiece[] = [];
  for await (const [index, piece] of pieces) {
    open.firstToken();
    usage.add(index, piece);
    choices[index] = choices[index] ? join(choices[index], piece) : piece;
  }
  return plan.format.whole(choices, usage.body());
}

async function stream(app: App, request: FastifyRequest, reply: FastifyReply, { plan, pieces, usage, open }: Run): Promise<void> {
  let next = await pieces.next(); // an error before the first token is plain JSON
  open.firstToken();
  const events = EventStream.open(reply);
  const begun = new Set<number>();
  try {
    for (; !next.done; next = await pieces.next()) {
      const [index, piece] = next.value;
      usage.add(index, piece);
      const isFirst = !begun.has(index);
      begun.add(index);
      for (const chunk of plan.format.chunks(index, piece, isFirst)) {
        const written = events.send({ ...chunk, ...usageOf(plan.fields, usage) });
        if (written) await written;
      }
    }
    if (wantsUsage(plan.fields)) await events.send({ ...plan.format.usageChunk(), usage: usage.body() });
    await events.done();
  } catch (error) {
    if (!open.isDisconnected) events.fail(toHttpError(error, request.id, app.log));
  } finally {
    await pieces.return();
  }
}

/** Giving stream_options asks for usage, unless it says otherwise. */
function wantsUsage(fields: SharedFields): boolean {
  return fields.stream_options !== undefined && fields.stream_options.include_usage !== false;
}

function usageOf(fields: SharedFields, usage: Usage): { usage?: UsageBody | null } {
  if (!wantsUsage(fields)) return {};
  return { usage: fields.stream_options?.continuous_usage_stats ? usage.body() : null };
}

function join(first: GeneratedPiece, second: GeneratedPiece): GeneratedPiece {
  first.token_ids.push(...second.token_ids);
  first.logprobs.push(...second.logprobs);
  first.text_offsets.push(...second.text_offsets);
  first.context_logits.push(...second.context_logits);
  const { token_ids, logprobs, text_offsets, context_logits } = first;
  return { ...first, ...second, text: first.text + second.text, token_ids, logprobs, text_offsets, context_logits };
}
