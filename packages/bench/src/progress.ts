// How far a run is, a few times a second, for whoever draws it.
import type { RequestRecord } from './client/request-record.js';
import { monotonicMs } from './client/timeline.js';
import { RecentLatencies, type LiveLatencies } from './recent-latencies.js';

export interface BenchProgress {
  phase: 'probe' | 'prompts' | 'warm-up' | 'run' | 'done';
  total: number;
  /** Requests that ended, failed ones included, without those of the warm-up; while prompts are written, how many are. */
  done: number;
  failed: number;
  running: number;
  elapsedS: number;
  /** Since the start; of open requests an event counts as a token. */
  outputTokensPerS: number;
  /** By the share of requests that ended; undefined before the first. */
  etaS?: number | undefined;
  /** ms, of the requests that ended last; worked out when it is called, which nobody does unless somebody looks. */
  latencies: () => LiveLatencies;
}

const INTERVAL_MS = 250;

export class ProgressMeter {
  readonly #start = monotonicMs();
  readonly #timer: NodeJS.Timeout;
  #phase: BenchProgress['phase'] = 'probe';
  #runStart = this.#start;
  #written = 0;
  #sent = 0;
  #warmedUp = 0;
  #done = 0;
  #failed = 0;
  /** Of requests that ended, by their own count. */
  #tokens = 0;
  /** Of requests that are open. */
  #events = 0;
  readonly #recent = new RecentLatencies();

  constructor(
    /** Infinity while a file decides how many there are. */
    public total: number,
    private readonly onProgress: (progress: BenchProgress) => void,
  ) {
    this.#timer = setInterval(() => this.#report(), INTERVAL_MS);
    this.#report();
  }

  enter(phase: BenchProgress['phase']): void {
    this.#phase = phase;
    if (phase === 'run') [this.#runStart, this.#events] = [monotonicMs(), 0];
    if (phase === 'prompts') this.#written = 0;
    this.#report();
  }

  promptWritten(): void {
    this.#written++;
  }

  sent(count: number): void {
    this.#sent += count;
  }

  /** Of a read, by events. */
  tokens(count: number): void {
    this.#events += count;
  }

  /** A request that does not count has ended. */
  warmedUp(): void {
    this.#warmedUp++;
  }

  ended(record: RequestRecord): void {
    this.#done++;
    this.#tokens += record.outputTokens;
    this.#events = Math.max(0, this.#events - record.timeline.stamps.length);
    if (record.outcome === 'ok') this.#recent.add(record);
    else this.#failed++;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #report(): void {
    const elapsedS = (monotonicMs() - this.#runStart) / 1000;
    this.onProgress({
      phase: this.#phase,
      total: this.total,
      done: this.#phase === 'prompts' ? this.#written : this.#phase === 'warm-up' ? this.#warmedUp : this.#done,
      failed: this.#failed,
      // A native client tells of what it sent now and then, and of what ended at once.
      running: Math.max(0, this.#sent - this.#warmedUp - this.#done),
      elapsedS,
      outputTokensPerS: elapsedS > 0 ? (this.#tokens + this.#events) / elapsedS : 0,
      etaS: this.#done > 0 ? (elapsedS / this.#done) * (this.total - this.#done) : undefined,
      latencies: () => this.#recent.percentiles(),
    });
  }
}
