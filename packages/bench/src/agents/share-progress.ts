// What an agent has sent and seen so far, told a few times a second.
import type { AgentLine } from './wire.js';

const PROGRESS_MS = 250;

export class ShareProgress {
  #sent = 0;
  #events = 0;
  readonly hooks = { onSent: (count: number): void => void (this.#sent += count), onEvents: (count: number): void => void (this.#events += count) };
  readonly #timer = setInterval(() => this.#report(), PROGRESS_MS);

  constructor(private readonly tell: (line: AgentLine) => void) {}

  stop(): void {
    clearInterval(this.#timer);
    this.#report();
  }

  #report(): void {
    if (this.#sent + this.#events > 0) this.tell({ kind: 'progress', sent: this.#sent, events: this.#events });
    this.#sent = this.#events = 0;
  }
}
