// The text of one output, token by token: detokenizing and stop strings, which may lie across token borders.
import { Detokenizer, StopMatcher, type Tokenizer } from '@trtllm/text';

export interface TextAssemblyOptions {
  skip_special_tokens: boolean;
  stop: string[];
  include_stop: boolean;
  /** Stop strings are looked for only in the text of later tokens. */
  min_tokens: number;
}

/** Enough for the longest character in byte tokens, and for a word border. */
const CONTEXT_TOKENS = 8;

export class TextAssembly {
  /** The stop string that was met; nothing may be pushed after it. */
  stop: string | undefined;
  /** Code points made so far, held-back ones included: where the next token's text begins. */
  offset = 0;
  private readonly detokenizer: Detokenizer;
  private readonly matcher: StopMatcher;
  private numTokens = 0;

  constructor(
    tokenizer: Tokenizer,
    private readonly options: TextAssemblyOptions,
  ) {
    this.detokenizer = new Detokenizer(tokenizer, { skipSpecialTokens: options.skip_special_tokens });
    this.matcher = new StopMatcher(options.stop, { includeStop: options.include_stop });
  }

  /** Begins behind these tokens, whose text is not repeated. */
  continueFrom(tokenIds: readonly number[]): void {
    this.detokenizer.push(tokenIds.slice(-CONTEXT_TOKENS));
  }

  /** The text that may be shown now. */
  push(tokenId: number): string {
    return this.match(this.detokenizer.push([tokenId]), ++this.numTokens > this.options.min_tokens);
  }

  /** What was held back, at the end. */
  flush(): string {
    const last = this.match(this.detokenizer.flush(), true);
    return this.stop === undefined ? last + this.matcher.flush() : last;
  }

  private match(text: string, mayStop: boolean): string {
    this.offset += codePoints(text);
    if (this.options.stop.length === 0 || !mayStop) return text;
    const matched = this.matcher.push(text);
    this.stop = matched.stop;
    return matched.text;
  }
}

/** Length as most clients count it: in code points, not in UTF-16 units. */
export function codePoints(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) if ((text.charCodeAt(at) & 0xfc00) !== 0xdc00) count++;
  return count;
}
