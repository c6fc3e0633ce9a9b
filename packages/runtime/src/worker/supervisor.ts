// Keeps one worker running: starts it, restarts it with back-off when it dies, gives up when it dies too often, and says in one
// line why there is none.
import { TrtllmError } from '@trtllm/protocol';
import type { WorkerClient } from './worker-client.js';

export type StartWorker = (signal: AbortSignal) => Promise<WorkerClient>;

export interface SupervisorOptions {
  start: StartWorker;
  log: (line: string) => void;
  /** Called with each worker that is ready. */
  onReady?: (worker: WorkerClient) => void;
  first_backoff_ms?: number;
}

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 30_000;
/** A worker that lived so long has earned the shortest back-off again. */
const STEADY_AFTER_MS = 60_000;
const MAX_CRASHES = 10;
const CRASH_WINDOW_MS = 600_000;

export class Supervisor {
  private worker: WorkerClient | undefined;
  private phase: 'starting' | 'started' = 'starting';
  private reason = 'the engine is starting';
  private crashTimes_ms: number[] = [];
  private backoff_ms: number;
  private restartTimer: NodeJS.Timeout | undefined;
  private readonly stopping = new AbortController();

  constructor(private readonly options: SupervisorOptions) {
    this.backoff_ms = this.firstBackoff();
  }

  /** Starts the first worker; an engine that cannot be loaded throws here and is not tried again. */
  async start(): Promise<WorkerClient> {
    try {
      return this.adopt(await this.options.start(this.stopping.signal));
    } finally {
      this.phase = 'started';
    }
  }

  /** The worker that takes requests now; throws with the reason where there is none. */
  current(): WorkerClient {
    if (this.worker) return this.worker;
    const code = this.stopping.signal.aborted ? 'SHUTTING_DOWN' : 'ENGINE_UNAVAILABLE';
    throw new TrtllmError(code, this.reason);
  }

  /** Undefined when the engine serves; else one line that says why not. */
  get trouble(): string | undefined {
    if (!this.worker) return this.reason;
    return this.worker.isStalled ? 'the engine is stalled: no heartbeat from the worker' : undefined;
  }

  /** True until the first worker is ready or has failed. */
  get isStarting(): boolean {
    return this.phase === 'starting';
  }

  /** Ends the worker politely, then firmly. */
  async stop(patience_ms: number): Promise<void> {
    this.reason = 'the server is shutting down';
    this.stopping.abort();
    clearTimeout(this.restartTimer);
    await this.worker?.stop(patience_ms);
    this.worker = undefined;
  }

  /** For a second signal: no waiting. */
  kill(): void {
    this.stopping.abort();
    this.worker?.kill();
  }

  private adopt(worker: WorkerClient): WorkerClient {
    const start_ms = performance.now();
    if (this.stopping.signal.aborted) worker.kill();
    this.worker = worker;
    this.options.onReady?.(worker);
    void worker.gone.then((error) => {
      this.worker = undefined;
      if (performance.now() - start_ms > STEADY_AFTER_MS) this.backoff_ms = this.firstBackoff();
      this.restartLater(error);
    });
    return worker;
  }

  private restartLater(error: unknown): void {
    if (this.stopping.signal.aborted) return;
    const what = error instanceof Error ? error.message : String(error);
    if (this.crashedTooOften()) {
      this.reason = `the worker crashed more than ${MAX_CRASHES} times in ${CRASH_WINDOW_MS / 60_000} minutes and is not restarted; last: ${what}`;
      this.options.log(this.reason);
      return;
    }
    this.reason = 'the engine is restarting after a crash of the worker';
    this.options.log(`${what}; restarting it in ${this.backoff_ms / 1000} s`);
    this.restartTimer = setTimeout(() => void this.restart(), this.backoff_ms);
    this.backoff_ms = Math.min(this.backoff_ms * 2, LONGEST_BACKOFF_MS);
  }

  private async restart(): Promise<void> {
    try {
      this.adopt(await this.options.start(this.stopping.signal));
    } catch (error) {
      this.restartLater(error);
    }
  }

  private crashedTooOften(): boolean {
    const now_ms = performance.now();
    this.crashTimes_ms = [...this.crashTimes_ms.filter((time_ms) => now_ms - time_ms < CRASH_WINDOW_MS), now_ms];
    return this.crashTimes_ms.length > MAX_CRASHES;
  }

  private firstBackoff(): number {
    return this.options.first_backoff_ms ?? FIRST_BACKOFF_MS;
  }
}
