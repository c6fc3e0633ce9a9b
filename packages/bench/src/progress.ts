// How far a run is, a few times a second, for whoever draws it.
import { monotonicMs } from './client/timeline.js';

export interface BenchProgress {
  phase: 'probe' | 'prompts' | 'run' | 'done';
  total: number;
  /** Requests that ended, failed ones included; while prompts are written, how many are. */
  done: number;
  failed: number;
  running: number;
  elapsedS: number;
  /** Since the start; tokens of open requests are estimated by events. */
  outputTokensPerS: number;
  /** By the share of requests that ended; undefined before the first. */
  etaS?: number | undefined;
}

const INTERVAL_MS = 250;

export class ProgressMeter {
  readonly #start = monotonicMs();
  readonly #timer: NodeJS.Timeout;
  #phase: BenchProgress['phase'] = 'probe';
  #runStart = this.#start;
  #written = 0;
  #sent = 0;
  #done = 0;
  #failed = 0;
  #tokens = 0;

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
    if (phase === 'run') this.#runStart = monotonicMs();
    this.#report();
  }

  promptWritten(): void {
    this.#written++;
  }

  sent(count: number): void {
    this.#sent += count;
  }

  tokens(count: number): void {
    this.#tokens += count;
  }

  ended(isFailure: boolean): void {
    this.#done++;
    if (isFailure) this.#failed++;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #report(): void {
    const elapsedS = (monotonicMs() - this.#runStart) / 1000;
    this.onProgress({
      phase: this.#phase,
      total: this.total,
      done: this.#phase === 'prompts' ? this.#written : this.#done,
      failed: this.#failed,
      running: this.#sent - this.#done,
      elapsedS,
      outputTokensPerS: elapsedS > 0 ? this.#tokens / elapsedS : 0,
      etaS: this.#done > 0 ? (elapsedS / this.#done) * (this.total - this.#done) : undefined,
    });
  }
}
