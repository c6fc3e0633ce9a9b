// Stop strings in a stream of text, also across the borders of pieces. Holds back only what can still become a stop.

export class StopMatcher {
  private held = '';

  constructor(
    private readonly stops: readonly string[],
    private readonly options: { includeStop: boolean },
  ) {}

  /** The text that may be shown, and the stop string that was met. The stop that is complete first wins; nothing may follow it. */
  push(text: string): { text: string; stop?: string } {
    this.held += text;
    const match = this.firstComplete();
    if (match) {
      const shown = this.held.slice(0, this.options.includeStop ? match.end : match.end - match.stop.length);
      this.held = '';
      return { text: shown, stop: match.stop };
    }
    const keep = this.openLength();
    const shown = this.held.slice(0, this.held.length - keep);
    this.held = this.held.slice(this.held.length - keep);
    return { text: shown };
  }

  /** What was held back, when no more text comes. */
  flush(): string {
    const text = this.held;
    this.held = '';
    return text;
  }

  /** Among the stops inside `held` the one that ends first; of two that end there, the longer. */
  private firstComplete(): { stop: string; end: number } | undefined {
    let best: { stop: string; end: number } | undefined;
    for (const stop of this.stops) {
      const start = stop === '' ? -1 : this.held.indexOf(stop);
      if (start === -1) continue;
      const end = start + stop.length;
      if (!best || end < best.end || (end === best.end && stop.length > best.stop.length)) best = { stop, end };
    }
    return best;
  }

  /** Length of the longest end of `held` that some stop begins with. */
  private openLength(): number {
    let longest = 0;
    for (const stop of this.stops) {
      for (let length = Math.min(stop.length - 1, this.held.length); length > longest; length--) {
        if (this.held.endsWith(stop.slice(0, length))) {
          longest = length;
          break;
        }
      }
    }
    return longest;
  }
}
