// Submit and cancel -> one async stream per request, over a worker that is ready. A worker that goes takes every open stream
// with it, at once and with its exit status in words.
import {
  ERROR_CODES,
  tailAsFloat32,
  tailAsInt32,
  TrtllmError,
  type ErrorCode,
  type Ready,
  type SamplingParams,
  type Stats,
  type Step,
  type StepEvent,
} from '@trtllm/protocol';
import type { WorkerConnection, WorkerMessage } from './connection.js';
import { RequestStream, type RequestUpdate } from './request-stream.js';
import { within, type WorkerProcess } from './worker-process.js';

export interface WorkerRequest {
  prompt_ids: readonly number[];
  max_tokens: number;
  sampling: Partial<SamplingParams>;
  stop_token_ids: number[];
  /** Raw logits of every prompt token; bypasses prefix reuse. */
  context_logits?: boolean;
  cache_salt?: string | undefined;
}

const PING_INTERVAL_MS = 1000;
/** Missed heartbeats after which /health says "stalled", and after which the worker is killed. */
export const STALLED_AFTER_PINGS = 10;
const KILLED_AFTER_PINGS = 30;
/** The exit status usually follows the socket's end within a millisecond. */
const EXIT_STATUS_WAIT_MS = 300;

export class WorkerClient {
  /** Resolves with what open streams were told, when the worker is gone for whatever reason. */
  readonly gone: Promise<TrtllmError>;
  /** Called with each statistics message. */
  onStats: (stats: Stats) => void = () => {};
  /** The newest statistics. */
  stats: Stats | undefined;
  private readonly streams = new Map<number, RequestStream>();
  private nextId = 1;
  private unansweredPings = 0;
  private failed: TrtllmError | undefined;
  private goneError: TrtllmError | undefined;
  private readonly heartbeat: NodeJS.Timeout;

  constructor(
    private readonly connection: WorkerConnection,
    private readonly process: WorkerProcess,
    /** The worker's resolved limits. */
    readonly limits: Ready,
  ) {
    connection.onMessage = (message) => this.take(message);
    this.heartbeat = setInterval(() => this.ping(), PING_INTERVAL_MS);
    this.gone = this.watch();
  }

  get pid(): number {
    return this.process.pid;
  }

  /** Requests the worker holds, cancelled ones included until it has let go of them. */
  get numOpen(): number {
    return this.streams.size;
  }

  get isStalled(): boolean {
    return this.unansweredPings >= STALLED_AFTER_PINGS;
  }

  /** Sends a request. Aborting the signal, or leaving the stream early, cancels it at once. */
  submit(request: WorkerRequest, signal?: AbortSignal): RequestStream {
    if (this.goneError) throw this.goneError;
    const id = this.nextId++;
    const onAbort = () => {
      this.cancel(id);
      stream.push({ ...emptyUpdate(), finish: 'cancelled' });
    };
    const stream = new RequestStream(() => {
      signal?.removeEventListener('abort', onAbort);
      this.cancel(id);
    });
    this.streams.set(id, stream);
    const { seed, ...sampling } = request.sampling;
    this.connection.send(
      {
        type: 'submit',
        id,
        max_tokens: request.max_tokens,
        sampling: seed === undefined ? sampling : { ...sampling, seed: String(seed) },
        stop_token_ids: request.stop_token_ids,
        ...(request.context_logits ? { context_logits: true } : {}),
        ...(request.cache_salt === undefined ? {} : { cache_salt: request.cache_salt }),
      },
      Int32Array.from(request.prompt_ids),
    );
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
    return stream;
  }

  /** Asks for a polite end, then for a firm one; resolves with how it ended. */
  async stop(patience_ms: number): Promise<string> {
    this.connection.send({ type: 'drain' });
    const how = await this.process.terminate(patience_ms);
    this.connection.close();
    return how;
  }

  kill(): void {
    this.process.kill();
  }

  private cancel(id: number): void {
    if (this.streams.has(id)) this.connection.send({ type: 'cancel', id });
  }

  private take({ header, tail }: WorkerMessage): void {
    if (header.type === 'step') this.takeStep(header, tailAsInt32(tail));
    else if (header.type === 'logits')
      this.streams.get(header.id)?.push({ ...emptyUpdate(), context_logits: [{ ...header, values: tailAsFloat32(tail) }] });
    else if (header.type === 'stats') this.onStats((this.stats = header));
    else if (header.type === 'pong') this.unansweredPings = 0;
    else if (header.type === 'failed') this.failed = new TrtllmError('WORKER_EXITED', `the worker gave up: ${header.message}`);
    else throw new TrtllmError('WORKER_PROTOCOL', `the worker sent "${header.type}" a second time`);
  }

  private takeStep(step: Step, ids: Int32Array): void {
    let at = 0;
    for (const event of step.events) {
      const tokenIds = Array.from(ids.subarray(at, (at += event.num_tokens)));
      const stream = this.streams.get(event.id);
      if (event.finish) this.streams.delete(event.id);
      if (event.finish === 'error') stream?.fail(errorOf(event));
      else stream?.push({ ...updateOf(event, tokenIds), iteration: step.iteration });
    }
    if (at !== ids.length)
      throw new TrtllmError('WORKER_PROTOCOL', `step ${step.iteration} announces ${at} tokens and carries ${ids.length}`);
  }

  private ping(): void {
    this.unansweredPings++;
    if (this.unansweredPings > KILLED_AFTER_PINGS) this.process.kill();
    else this.connection.send({ type: 'ping', nonce: this.unansweredPings });
  }

  private async watch(): Promise<TrtllmError> {
    const reason = await Promise.race([this.connection.closed, this.process.exited.then(() => undefined)]);
    clearInterval(this.heartbeat);
    if (reason) this.process.kill();
    const how = await within(this.process.exited, EXIT_STATUS_WAIT_MS);
    if (how === undefined) this.process.kill();
    this.goneError = this.failed ?? reason ?? exitError(this.pid, how ?? 'closed its connection');
    this.connection.close();
    for (const stream of this.streams.values()) stream.fail(this.goneError);
    this.streams.clear();
    return this.goneError;
  }
}

function exitError(pid: number, how: string): TrtllmError {
  return new TrtllmError('WORKER_EXITED', `the worker (process ${pid}) ${how}; open requests are lost, send them again`);
}

function emptyUpdate(): RequestUpdate {
  return { received_ms: performance.now(), token_ids: [], logprobs: [], context_logits: [] };
}

function updateOf(event: StepEvent, token_ids: number[]): RequestUpdate {
  return {
    ...emptyUpdate(),
    token_ids,
    logprobs: event.logprobs ?? [],
    ...(event.prompt_logprobs ? { prompt_logprobs: event.prompt_logprobs } : {}),
    ...(event.cached_tokens === undefined ? {} : { cached_tokens: event.cached_tokens }),
    ...(event.finish && event.finish !== 'error' ? { finish: event.finish } : {}),
  };
}

function errorOf(event: StepEvent): TrtllmError {
  const code = event.error?.code ?? '';
  const known = Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'INTERNAL_ERROR';
  return new TrtllmError(known, event.error?.message ?? 'the worker ended this request without a reason');
}
