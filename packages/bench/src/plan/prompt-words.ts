// Text with an exact number of tokens, made of pieces: a word with the blanks before it. Drawn words are one token each; the result
// is encoded once more and mended where a tokenizer disagrees.
import { TrtllmError } from '@trtllm/protocol';
import type { Tokenizer } from '@trtllm/text';
import { pick, type SeededRandom } from './seeded-random.js';
import { stableWords } from './stable-words.js';

const MIN_WORDS = 16;
const MAX_MENDS = 8;

export class PromptWords {
  readonly #words: readonly string[];
  readonly #firstWords: readonly string[];
  readonly #pieceCounts = new Map<string, number>();
  /** Tokens that the endpoint adds around any text, for example BOS. */
  readonly overhead: number;

  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly addSpecialTokens: boolean,
  ) {
    this.overhead = this.count('');
    this.#words = stableWords(tokenizer);
    this.#firstWords = this.#words.filter((word) => this.countPlain(word) === 1);
    if (this.#words.length < MIN_WORDS || this.#firstWords.length === 0) {
      throw new TrtllmError(
        'BAD_FLAG',
        `--tokenizer: found ${this.#words.length} words that are one token each, need ${MIN_WORDS} to write prompts of exact ` +
          'length; send ids with --tokenize-on-client',
      );
    }
  }

  /** Tokens of a text as the endpoint counts them. */
  count(text: string): number {
    return this.tokenizer.encode(text, { addSpecialTokens: this.addSpecialTokens }).length;
  }

  countPlain(text: string): number {
    return this.tokenizer.encode(text, { addSpecialTokens: false }).length;
  }

  /** Words that are one token each. */
  draw(random: SeededRandom, numWords: number, isBeginning: boolean): string[] {
    return Array.from({ length: numWords }, (_, i) => (isBeginning && i === 0 ? pick(random, this.#firstWords) : ` ${pick(random, this.#words)}`));
  }

  /** `fixed` pieces, then as many of `prose` as fit, then drawn words: `numTokens` as the endpoint counts them. */
  exactPieces(random: SeededRandom, fixed: readonly string[], numTokens: number, prose: readonly string[] = []): string[] {
    const pieces = [...fixed, ...this.#fitting(fixed, numTokens, prose)];
    for (let mend = 0; mend <= MAX_MENDS; mend++) {
      const excess = this.count(textOf(pieces)) - numTokens;
      if (excess === 0) return pieces;
      if (excess > 0) pieces.splice(Math.max(fixed.length, pieces.length - excess));
      else pieces.push(...this.draw(random, -excess, pieces.length === 0));
    }
    throw new TrtllmError('BAD_FLAG', `--tokenizer: no text of exactly ${numTokens} tokens found; send ids with --tokenize-on-client`);
  }

  exactText(random: SeededRandom, fixed: readonly string[], numTokens: number, prose: readonly string[] = []): string {
    return textOf(this.exactPieces(random, fixed, numTokens, prose));
  }

  #fitting(fixed: readonly string[], numTokens: number, prose: readonly string[]): readonly string[] {
    if (prose.length === 0) return prose;
    let left = numTokens - this.count(textOf(fixed));
    const end = prose.findIndex((piece) => (left -= this.#countPiece(piece)) < 0);
    return end === -1 ? prose : prose.slice(0, end);
  }

  /** Behind other text. */
  #countPiece(piece: string): number {
    let count = this.#pieceCounts.get(piece);
    if (count === undefined) this.#pieceCounts.set(piece, (count = this.countPlain(`a${piece}`) - this.countPlain('a')));
    return count;
  }
}

/** Prose that begins in mid-text has a blank before its first word. */
export function textOf(pieces: readonly string[]): string {
  return pieces.join('').trimStart();
}
