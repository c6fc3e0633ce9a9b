// One request -> one Exchange: sent, stamped as bytes arrive, read to its end. The only file that imports undici.
import { Pool, type Dispatcher, type errors } from 'undici';
import { endWhole } from './reply-end.js';
import { ReplyReader } from './reply-reader.js';
import type { ReplyForm } from './reply-form.js';
import type { Failure } from './request-record.js';
import { SseParser } from './sse-parser.js';
import { requestHeaders, type HeaderOptions } from './request-headers.js';
import { monotonicMs } from './timeline.js';

export interface Exchange {
  /** ms of the monotonic clock, all three. `sent` is NaN where no connection came about. */
  scheduled: number;
  sent: number;
  ended: number;
  isStream: boolean;
  reply: ReplyReader;
}

export interface ClientOptions extends HeaderOptions {
  baseUrl: string;
  timeoutMs: number;
  clock?: () => number;
}

export interface Post {
  path: string;
  body: string;
  isStream: boolean;
  /** Default: OpenAI's. */
  form?: ReplyForm | undefined;
  scheduled: number;
  /** Called for every read that brought events; for progress only. */
  onEvents?: (numEvents: number) => void;
}

/** Of what is no completion; a body that is no JSON stays text. */
export interface JsonReply {
  status: number;
  body: unknown;
}

const MAX_ERROR_BODY_BYTES = 65_536;
const CANCELLED = 'cancelled by the user';

export class StreamClient {
  readonly #pool: Pool;
  readonly #basePath: string;
  readonly #headers: Record<string, string>;
  readonly #clock: () => number;

  constructor(options: ClientOptions) {
    const url = new URL(options.baseUrl);
    this.#basePath = url.pathname.replace(/\/+$/, '');
    this.#headers = requestHeaders(options);
    this.#clock = options.clock ?? monotonicMs;
    // Connections are kept and reused, one request at a time on each, as many as are needed.
    this.#pool = new Pool(url.origin, {
      pipelining: 1,
      headersTimeout: options.timeoutMs,
      bodyTimeout: options.timeoutMs,
    });
  }

  /** Never rejects: a failure is part of the exchange. */
  post(request: Post): Promise<Exchange> {
    return new Promise((resolve) => {
      const handler = new ExchangeHandler(request, this.#clock, resolve);
      const headers = { ...this.#headers, accept: request.isStream ? 'text/event-stream' : 'application/json' };
      this.#pool.dispatch({ path: this.#basePath + request.path, method: 'POST', headers, body: request.body }, handler);
    });
  }

  getJson(path: string): Promise<JsonReply> {
    return this.#ask({ path, method: 'GET' });
  }

  postJson(path: string, body: object): Promise<JsonReply> {
    return this.#ask({ path, method: 'POST', body: JSON.stringify(body) });
  }

  async #ask({ path, ...request }: { path: string; method: 'GET' | 'POST'; body?: string }): Promise<JsonReply> {
    const reply = await this.#pool.request({ ...request, path: this.#basePath + path, headers: this.#headers });
    const text = await reply.body.text();
    try {
      return { status: reply.statusCode, body: JSON.parse(text) };
    } catch {
      return { status: reply.statusCode, body: text };
    }
  }

  /** Ends every open request as cancelled. */
  cancelAll(): Promise<void> {
    return this.#pool.destroyed ? Promise.resolve() : this.#pool.destroy(new Error(CANCELLED));
  }

  close(): Promise<void> {
    return this.#pool.destroyed ? Promise.resolve() : this.#pool.destroy();
  }
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange;
  readonly #parser: SseParser;
  #status = 0;
  #body: Buffer[] = [];
  #bodyBytes = 0;
  /** Stamp of the read in progress; one read may arrive here in several pieces, all in one turn of the event loop. */
  #readAt: number | undefined;
  #numEvents = 0;

  constructor(
    private readonly request: Post,
    private readonly clock: () => number,
    private readonly resolve: (exchange: Exchange) => void,
  ) {
    const reply = new ReplyReader(request.form);
    this.#exchange = { scheduled: request.scheduled, sent: Number.NaN, ended: Number.NaN, isStream: request.isStream, reply };
    this.#parser = new SseParser((data, event) => {
      this.#numEvents++;
      reply.takeEvent(data, event, this.#readAt!);
    });
  }

  onRequestStart(): void {
    this.#exchange.sent = this.clock();
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: Record<string, unknown>): void {
    if (status < 200) return;
    this.#status = status;
    const type = String(headers['content-type'] ?? 'no content type');
    if (status < 400 && this.request.isStream && !type.startsWith('text/event-stream')) {
      this.#fail({ outcome: 'protocol', reason: `expected text/event-stream, found ${type}` }, controller);
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const readAt = this.#stampRead();
    if (this.#status >= 400 || !this.request.isStream) {
      this.#bodyBytes += chunk.length;
      if (this.#status < 400 || this.#bodyBytes <= MAX_ERROR_BODY_BYTES) this.#body.push(chunk);
      this.#exchange.ended = readAt;
      return;
    }
    this.#numEvents = 0;
    this.#parser.push(chunk);
    if (this.#numEvents > 0) this.request.onEvents?.(this.#numEvents);
    if (this.#exchange.reply.failure !== undefined) this.#fail(this.#exchange.reply.failure, controller);
  }

  onResponseEnd(): void {
    const { reply } = this.#exchange;
    const now = this.clock();
    const body = (): string => Buffer.concat(this.#body).toString();
    endWhole(reply, { status: this.#status, isStream: this.request.isStream, body, at: this.#exchange.ended, now });
    this.#end(reply.doneAt ?? now);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const { reply } = this.#exchange;
    if (reply.doneAt === undefined) reply.failure ??= failureOf(error, this.#status > 0);
    this.#end(reply.doneAt ?? this.clock());
  }

  #stampRead(): number {
    if (this.#readAt === undefined) {
      this.#readAt = this.clock();
      queueMicrotask(() => (this.#readAt = undefined));
    }
    return this.#readAt;
  }

  #fail(failure: Failure, controller: Dispatcher.DispatchController): void {
    this.#exchange.reply.failure = failure;
    controller.abort(new Error(failure.reason));
  }

  #end(at: number): void {
    this.#exchange.ended = at;
    // One turn later the pool has taken its connection back, and the next request need not open another.
    setImmediate(() => this.resolve(this.#exchange));
  }
}

function failureOf(error: Error, hadHeaders: boolean): Failure {
  const code = (error as Partial<errors.UndiciError>).code ?? '';
  if (error.message === CANCELLED) return { outcome: 'cancelled', reason: CANCELLED };
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return { outcome: 'timeout', reason: 'no reply within the time limit' };
  if (code === 'UND_ERR_BODY_TIMEOUT') return { outcome: 'timeout', reason: 'the stream stood still for the time limit' };
  if (code.startsWith('HPE_')) return { outcome: 'protocol', reason: `not HTTP: ${error.message}` };
  if (hadHeaders) return { outcome: 'truncated', reason: `connection closed mid-stream: ${error.message}` };
  return { outcome: 'connect', reason: error.message || code };
}
