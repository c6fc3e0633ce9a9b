// ids -> printable text, as they come; holds back half a character and nothing else.
import type { Tokenizer } from './tokenizer.js';

/** Tokens kept as context (word borders, a character's first bytes): at least so many, at most twice as many. */
const CONTEXT_TOKENS = 8;
/** How the bytes of an unfinished character decode: to one of these, however many there are. */
const REPLACEMENT = '\ufffd';

export class Detokenizer {
  /** The newest tokens. */
  private window: number[] = [];
  /** Characters of the window's text that are given out. */
  private numShown = 0;

  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly options: { skipSpecialTokens: boolean },
  ) {}

  /** The text that these ids complete. Pushes and flush joined are the text of all ids. */
  push(ids: readonly number[]): string {
    let text = '';
    for (const id of ids) {
      if (this.isSilent(id)) continue;
      this.window.push(id);
      text += this.show(false);
    }
    return text;
  }

  /** What was held back, when no more ids come. */
  flush(): string {
    return this.show(true);
  }

  private show(isEnd: boolean): string {
    const whole = this.decode();
    const numHeld = !isEnd && whole.endsWith(REPLACEMENT) ? 1 : 0;
    const text = whole.slice(this.numShown, whole.length - numHeld);
    this.numShown = whole.length - numHeld;
    if (this.window.length >= 2 * CONTEXT_TOKENS) this.shorten(numHeld);
    return text;
  }

  /** The text of a shorter window may begin differently; what matters is that it ends the same. */
  private shorten(numHeld: number): void {
    this.window = this.window.slice(-CONTEXT_TOKENS);
    this.numShown = this.decode().length - numHeld;
  }

  /** Tokens without text would push a character's first bytes out of the window. */
  private isSilent(id: number): boolean {
    return this.tokenizer.idToToken(id) === undefined || (this.options.skipSpecialTokens && this.tokenizer.isSpecial(id));
  }

  private decode(): string {
    return this.tokenizer.decode(this.window, this.options);
  }
}
