// When a run ends before its plan: too many failures, a server that cannot keep up, or time. What was done is reported, and marked.
import type { RequestRecord } from './client/request-record.js';
import { saturationOf, type Passage } from './over-saturation.js';

export interface StopOptions {
  /** Share of the last 50 requests that ended. */
  readonly maxErrorRate?: number | undefined;
  /** Sends no more after so long; what is open is followed to its end. */
  readonly maxSeconds?: number | undefined;
  /** At a steady rate. */
  readonly stopOverSaturated: boolean;
}

export interface Stopped {
  rule: 'error-rate' | 'seconds' | 'over-saturated' | 'agent';
  text: string;
}

const RECENT = 50;
const LEAST_ENDED = 10;
/** Looked at this often, the first time after 30 s; each look has a small chance of being wrong. */
const LOOK_MS = 10_000;
const FIRST_LOOK_MS = 30_000;
const ALPHA_A_LOOK = 0.005;

export class StopRules {
  /** Aborted: no more is sent. */
  readonly #controller = new AbortController();
  readonly #recent: boolean[] = [];
  readonly #passages: Passage[] = [];
  readonly #timers: NodeJS.Timeout[] = [];
  stopped: Stopped | undefined;

  constructor(
    private readonly options: StopOptions,
    /** Ends every open request: they would tell nothing more. */
    private readonly cancelOpen: () => void,
  ) {}

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** At the first send. */
  start(now: () => number): void {
    const { maxSeconds, stopOverSaturated } = this.options;
    if (maxSeconds !== undefined) {
      this.#timers.push(setTimeout(() => this.#stop('seconds', `--max-seconds ${maxSeconds}: sent no more; what was open has ended by itself`, false), 1000 * maxSeconds));
    }
    if (!stopOverSaturated) return;
    const begin = now();
    this.#timers.push(setInterval(() => now() - begin >= FIRST_LOOK_MS && this.#look(now()), LOOK_MS));
  }

  /** `at` may lie ahead, where somebody else will send it. Give what it returns to `ended`. */
  sent(at: number): Passage {
    const passage: Passage = { sentAt: at };
    this.#passages.push(passage);
    return passage;
  }

  /** `passage`: as `sent` gave it, where it was told. */
  ended(passage: Passage | undefined, { outcome, timeline }: RequestRecord): void {
    if (passage) {
      passage.firstAt = timeline.stamps[0];
      passage.endedAt = timeline.done;
    }
    if (outcome === 'cancelled') return;
    this.#recent.push(outcome !== 'ok');
    if (this.#recent.length > RECENT) this.#recent.shift();
    const numFailed = this.#recent.filter(Boolean).length;
    const { maxErrorRate } = this.options;
    if (maxErrorRate !== undefined && this.#recent.length >= LEAST_ENDED && numFailed / this.#recent.length > maxErrorRate) {
      this.#stop('error-rate', `${numFailed} of the last ${this.#recent.length} requests failed, more than --max-error-rate ${maxErrorRate}`, true);
    }
  }

  /** One that sent is gone: what is left is another load than the plan's. */
  lost(text: string): void {
    this.#stop('agent', text, true);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #look(now: number): void {
    const sent = this.#passages.filter(({ sentAt }) => sentAt <= now);
    const saturation = saturationOf(sent, ALPHA_A_LOOK);
    if (saturation) this.#stop('over-saturated', `requests in flight grew by ${saturation.growthPerS.toFixed(2)} a second: the server cannot keep up with the rate`, true);
  }

  #stop(rule: Stopped['rule'], text: string, cancelsOpen: boolean): void {
    if (this.stopped) return;
    this.stopped = { rule, text };
    this.#controller.abort();
    if (cancelsOpen) this.cancelOpen();
  }
}
