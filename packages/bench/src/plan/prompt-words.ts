// Text with an exact number of tokens. Words are taken that are one token each wherever they stand, so that n words joined
// by blanks are n tokens; the result is encoded once more and mended where a tokenizer disagrees.
import { TrtllmError } from '@trtllm/protocol';
import type { Tokenizer } from '@trtllm/text';
import { seededRandom, type SeededRandom } from './seeded-random.js';

// A few thousand words make prompts that share no beginning; looking for more only costs start-up time.
const MAX_WORDS = 4096;
const MIN_WORDS = 16;
const MAX_MENDS = 8;

export class PromptWords {
  readonly #words: readonly string[];
  readonly #firstWords: readonly string[];
  /** Tokens that the endpoint adds around any text, for example BOS. */
  readonly overhead: number;

  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly addSpecialTokens: boolean,
  ) {
    this.overhead = this.count('');
    this.#words = stableWords(tokenizer);
    this.#firstWords = this.#words.filter((word) => this.#countPlain(word) === 1);
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

  draw(random: SeededRandom, numWords: number, isBeginning: boolean): string[] {
    return Array.from({ length: numWords }, (_, i) => pick(random, isBeginning && i === 0 ? this.#firstWords : this.#words));
  }

  /** `prefix` and drawn words, exactly `numTokens` as the endpoint counts; words at the end are mended until it is so. */
  exactText(random: SeededRandom, prefix: readonly string[], numTokens: number): string {
    const words = [...prefix, ...this.draw(random, numTokens - this.overhead - prefix.length, prefix.length === 0)];
    for (let mend = 0; mend <= MAX_MENDS; mend++) {
      const text = words.join(' ');
      const excess = this.count(text) - numTokens;
      if (excess === 0) return text;
      if (excess > 0) words.splice(Math.max(prefix.length, words.length - excess));
      else words.push(...this.draw(random, -excess, words.length === 0));
    }
    throw new TrtllmError('BAD_FLAG', `--tokenizer: no text of exactly ${numTokens} tokens found; send ids with --tokenize-on-client`);
  }

  #countPlain(text: string): number {
    return this.tokenizer.encode(text, { addSpecialTokens: false }).length;
  }
}

function pick<T>(random: SeededRandom, from: readonly T[]): T {
  return from[random.integer(0, from.length - 1)]!;
}

/** Words w of letters for which "… w w" has one token more than "… w", found in an order that depends on nothing but the tokenizer. */
function stableWords(tokenizer: Tokenizer): string[] {
  const count = (text: string): number => tokenizer.encode(text, { addSpecialTokens: false }).length;
  const words = new Set<string>();
  for (const id of shuffledIds(tokenizer.vocabSize)) {
    if (words.size === MAX_WORDS) break;
    const word = tokenizer.decode([id], { skipSpecialTokens: true }).trim();
    if (!/^\p{L}+$/u.test(word) || words.has(word)) continue;
    const once = count(`a ${word}`);
    if (once === count('a') + 1 && count(`a ${word} ${word}`) === once + 1) words.add(word);
  }
  return [...words];
}

function shuffledIds(vocabSize: number): Uint32Array {
  const ids = Uint32Array.from({ length: vocabSize }, (_, id) => id);
  const random = seededRandom(0, 'words');
  for (let i = vocabSize - 1; i > 0; i--) {
    const j = random.integer(0, i);
    [ids[i], ids[j]] = [ids[j]!, ids[i]!];
  }
  return ids;
}
