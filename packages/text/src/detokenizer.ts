// ids -> printable text, as they come; holds back half a character.
import type { Tokenizer } from './tokenizer.js';

/** Longer runs of bytes that make no character are given out as they are: the cost of a token stays bounded. */
const MAX_HELD_TOKENS = 64;

export class Detokenizer {
  /** Tokens [0, settled) are given out and only give context (word borders); the others are held back. */
  private window: number[] = [];
  private settled = 0;

  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly options: { skipSpecialTokens: boolean },
  ) {}

  /** The text that these ids complete. Pushes and flush joined are the text of all ids. */
  push(ids: readonly number[]): string {
    let text = '';
    for (const id of ids) {
      if (this.options.skipSpecialTokens && this.tokenizer.isSpecial(id)) continue;
      this.window.push(id);
      text += this.settle(false);
    }
    return text;
  }

  /** What was held back. */
  flush(): string {
    return this.settle(true);
  }

  private settle(isEnd: boolean): string {
    const before = this.decode(this.window.slice(0, this.settled));
    const after = this.decode(this.window);
    const isOpen = after.endsWith('\ufffd') && this.window.length - this.settled <= MAX_HELD_TOKENS;
    if (isOpen && !isEnd) return '';
    const text = after.slice(before.length);
    // Keep the last tokens that gave text as the next ones' context.
    if (this.window.length > this.settled) {
      this.window = this.window.slice(this.settled);
      this.settled = this.window.length;
    }
    return text;
  }

  private decode(ids: readonly number[]): string {
    return this.tokenizer.decode(ids, this.options);
  }
}
