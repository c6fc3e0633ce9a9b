// Requests through the native trtllm-loadgen: it sends them at their times and stamps what comes; here they are written for it and its
// records read. One process a run.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { ERROR_CODES, TrtllmError, type ErrorCode } from '@trtllm/protocol';
import { requestHeaders, type HeaderOptions } from '../request-headers.js';
import type { Exchange, Post } from '../stream-client.js';
import { exchangeOf } from './exchange-of.js';
import { monotonicOrigin } from './monotonic-origin.js';
import { END_FRAME, requestFrame, startFrame } from './plan-frames.js';
import { RecordReader, type Farewell, type NativeRecord } from './records.js';

const FLUSH_BYTES = 65_536;

export interface NativeClientOptions extends HeaderOptions {
  executable: string;
  baseUrl: string;
  timeoutMs: number;
  /** Threads that send and receive. */
  workers: number;
  /** Spins on idle cores, so that none has to wake. */
  keepCoresAwake: boolean;
  /** Of requests that take a slot; undefined: no limit. */
  maxConcurrency?: number | undefined;
  /** Opened before they are needed. */
  connections: number;
  /** Kept ready beyond those in use. */
  spareConnections: number;
  /** How long a record may wait for others. */
  flushMs: number;
  /** Totals so far. */
  onProgress: (numSent: number, numEvents: number) => void;
}

/** `scheduled` is ms from the start. */
export interface NativePost extends Omit<Post, 'onEvents'> {
  takesSlot?: boolean;
  isDueWithSlot?: boolean;
}

/** Of one request; called from the event loop, so neither may throw. */
export interface Answer {
  /** Undefined: cancelled before it was sent. */
  resolve: (exchange: Exchange | undefined) => void;
  /** The process failed; a request's failure is part of the exchange. */
  reject: (error: Error) => void;
}

interface OpenPost extends Pick<Post, 'isStream' | 'form'> {
  answer: Answer;
}

export class NativeClient {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #ended: Promise<void>;
  readonly #head: (path: string, isStream: boolean) => string;
  readonly #open = new Map<number, OpenPost>();
  /** Not written yet. */
  #frames: Buffer[] = [];
  #numWaiting = 0;
  readonly #originNs = monotonicOrigin();
  /** Resolves when the process runs, or is gone. */
  readonly started: Promise<void>;
  #start: () => void = () => {};
  #nextId = 0;
  #farewell: Farewell | undefined;
  #stderr = '';
  #failure: Error | undefined;

  constructor(private readonly options: NativeClientOptions) {
    const url = new URL(options.baseUrl);
    this.started = new Promise((resolve) => (this.#start = resolve));
    this.#head = headOf(url, requestHeaders(options));
    this.#process = spawn(options.executable, argumentsOf(url, options), { stdio: ['pipe', 'pipe', 'pipe'] });
    const reader = new RecordReader({
      onRecord: (record) => this.#take(record),
      onProgress: (numSent, numEvents) => {
        this.#start();
        options.onProgress(numSent, numEvents);
      },
      onFarewell: (farewell) => (this.#farewell = farewell),
    });
    this.#process.stdout.on('data', (piece: Buffer) => this.#read(reader, piece));
    this.#process.stderr.on('data', (piece: Buffer) => (this.#stderr += piece.toString()));
    this.#process.stdin.on('error', () => {}); // the exit tells more
    this.#ended = new Promise((resolve) => {
      this.#process.on('error', (cause) => this.#fail(new TrtllmError('IO_ERROR', `${options.executable}: ${cause.message}`, { cause })));
      this.#process.on('close', (code, signal) => {
        for (const { answer } of this.#farewell ? this.#open.values() : []) answer.resolve(undefined);
        if (this.#farewell === undefined) this.#fail(refusalOf(options.executable, this.#stderr.trim(), signal ?? `exit status ${code}`));
        resolve();
      });
    });
  }

  /** At `at` ms of the monotonic clock the plan starts, whether its requests were given or are to come. */
  begin(at: number): void {
    this.#give(startFrame(at * 1e6 + this.#originNs));
  }

  /** Settles as Answer says. */
  post(post: NativePost): Promise<Exchange | undefined> {
    return new Promise((resolve, reject) => this.submit(post, { resolve, reject }));
  }

  /** The same without promises, for loads of many requests a second. `scheduled` may lie ahead. */
  submit({ path, body, isStream, form, scheduled, takesSlot = false, isDueWithSlot = false }: NativePost, answer: Answer): void {
    if (this.#failure !== undefined) return answer.reject(this.#failure);
    const id = this.#nextId++;
    this.#open.set(id, { isStream, form, answer });
    const message = `${this.#head(path, isStream)}${Buffer.byteLength(body)}\r\n\r\n${body}`;
    this.#give(requestFrame({ id, dueNs: scheduled * 1e6, isStream, takesSlot, isDueWithSlot, message }));
  }

  /** Requests of one turn of the event loop go together: a write costs more than all else about a request. */
  #give(frame: Buffer): void {
    if (this.#frames.length === 0) setImmediate(() => this.#flush());
    this.#frames.push(frame);
    this.#numWaiting += frame.length;
    if (this.#numWaiting >= FLUSH_BYTES) this.#flush();
  }

  #flush(): void {
    if (this.#frames.length > 0 && !this.#process.stdin.writableEnded) this.#process.stdin.write(Buffer.concat(this.#frames, this.#numWaiting));
    this.#frames = [];
    this.#numWaiting = 0;
  }

  /** The process has no room for more of the plan. */
  get isFull(): boolean {
    return this.#failure === undefined && this.#process.stdin.writableNeedDrain;
  }

  /** Resolves when it has. */
  async drained(): Promise<void> {
    if (this.isFull) await Promise.race([once(this.#process.stdin, 'drain'), this.#ended]);
  }

  /** What has not gone yet never goes; what is open is followed to its end. */
  dropUnsent(): void {
    this.#process.kill('SIGUSR1');
  }

  /** Ends every open request as cancelled, and drops the others. */
  cancelAll(): void {
    this.#process.kill('SIGTERM');
  }

  /** No more requests come. Resolves when all have ended; may be asked again. */
  async finish(): Promise<Farewell> {
    this.#flush();
    if (!this.#process.stdin.writableEnded) this.#process.stdin.end(END_FRAME);
    await this.#ended;
    if (this.#farewell === undefined) throw this.#failure!;
    return this.#farewell;
  }

  /** What cannot be read ends the run, not the program. */
  #read(reader: RecordReader, piece: Buffer): void {
    if (this.#failure !== undefined) return;
    try {
      reader.push(piece);
    } catch (error) {
      this.#farewell = undefined;
      this.#fail(error as Error);
      this.#process.kill('SIGKILL');
    }
  }

  #take(record: NativeRecord): void {
    const post = this.#open.get(record.id);
    if (post === undefined) return;
    this.#open.delete(record.id);
    post.answer.resolve(exchangeOf(record, post, (ns) => (ns - this.#originNs) / 1e6));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#start();
    for (const { answer } of this.#open.values()) answer.reject(this.#failure);
    this.#open.clear();
  }
}

function argumentsOf(url: URL, options: NativeClientOptions): string[] {
  const flags = {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port || '80',
    workers: options.workers,
    'keep-awake': Number(options.keepCoresAwake),
    'max-concurrency': options.maxConcurrency ?? 0,
    connections: options.connections,
    'spare-connections': options.spareConnections,
    'timeout-ms': Math.ceil(options.timeoutMs),
    'flush-ms': options.flushMs,
  };
  return Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

/** Everything of a request before the length of its body. */
function headOf(url: URL, headers: Record<string, string>): (path: string, isStream: boolean) => string {
  const base = url.pathname.replace(/\/+$/, '');
  const lines = Object.entries({ host: url.host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return (path, isStream) =>
    `POST ${base}${path} HTTP/1.1\r\n${lines}connection: keep-alive\r\naccept: ${isStream ? 'text/event-stream' : 'application/json'}\r\ncontent-length: `;
}

/** Native errors are one line `CODE: sentence`. */
function refusalOf(executable: string, stderr: string, exit: string): TrtllmError {
  const [, code = '', sentence = ''] = /^([A-Z_]+): (.*)$/s.exec(stderr) ?? [];
  if (code in ERROR_CODES) return new TrtllmError(code as ErrorCode, sentence);
  return new TrtllmError('INTERNAL_ERROR', `${executable} ended early (${exit})${stderr && `: ${stderr}`}`);
}
