// Prompts as the endpoint takes them, text or token ids, of exactly the length that the server will count. Made of pieces: words, or ids.
import { TrtllmError } from '@trtllm/protocol';
import type { Tokenizer } from '@trtllm/text';
import { textOf, type PromptWords } from './prompt-words.js';
import type { SeededRandom } from './seeded-random.js';

export type Piece = string | number;

export interface PromptWriter {
  /** Tokens that the server adds around any prompt, so no prompt is shorter. */
  readonly overhead: number;
  /** One token a piece. */
  draw(random: SeededRandom, numTokens: number, isBeginning: boolean): Piece[];
  piecesOf(text: string): Piece[];
  /** `fixed`, as much of `prose` as fits, then drawn pieces; the server's own tokens are counted. */
  exactPieces(random: SeededRandom, fixed: readonly Piece[], numTokens: number, prose?: readonly Piece[]): Piece[];
  promptOf(pieces: readonly Piece[]): string | number[];
  /** Text as it is, and what the server will count. */
  given(text: string): { prompt: string | number[]; inputTokens: number };
  /** Tokens of a text alone, nothing added. */
  count(text: string): number;
}

/** `unknownOverhead` is what the server adds beyond what the tokenizer alone explains (a chat template). */
export function textWriter(words: PromptWords, unknownOverhead: number): PromptWriter {
  const overhead = unknownOverhead + words.overhead;
  return {
    overhead,
    draw: (random, numTokens, isBeginning) => words.draw(random, numTokens, isBeginning),
    // A word with the blanks before it.
    piecesOf: (text) => `\n${text.trim()}`.split(/(?<=\S)(?=\s)/),
    exactPieces: (random, fixed, numTokens, prose) => {
      checkLength(numTokens, overhead + fixed.length);
      return words.exactPieces(random, fixed as string[], numTokens - unknownOverhead, prose as string[]);
    },
    promptOf: (pieces) => textOf(pieces as string[]),
    given: (text) => ({ prompt: text, inputTokens: words.count(text) + unknownOverhead }),
    count: (text) => words.countPlain(text),
  };
}

/** Ids are exact by definition: a server takes them as they are. */
export function idWriter(tokenizer: Tokenizer | undefined, vocabSize: number): PromptWriter {
  const drawId = idSource(tokenizer, vocabSize);
  const encode = (text: string, addSpecialTokens: boolean): number[] => {
    if (tokenizer === undefined) throw new TrtllmError('BAD_FLAG', '--tokenizer: needed for a data set of texts; give the directory of the served model');
    return tokenizer.encode(text, { addSpecialTokens });
  };
  const draw = (random: SeededRandom, numTokens: number): number[] => Array.from({ length: numTokens }, () => drawId(random));
  return {
    overhead: 0,
    draw,
    piecesOf: (text) => encode(text, false),
    exactPieces: (random, fixed, numTokens, prose = []) => {
      checkLength(numTokens, fixed.length);
      const pieces = [...fixed, ...prose.slice(0, numTokens - fixed.length)];
      return [...pieces, ...draw(random, numTokens - pieces.length)];
    },
    promptOf: (pieces) => pieces as number[],
    given: (text) => {
      const prompt = encode(text, true);
      return { prompt, inputTokens: prompt.length };
    },
    count: (text) => encode(text, false).length,
  };
}

function checkLength(numTokens: number, least: number): void {
  if (numTokens >= least) return;
  throw new TrtllmError('BAD_FLAG', `a prompt of ${numTokens} tokens cannot be: what the endpoint adds and the shared prefix are ${least}; that is the least`);
}

/** Draws ids that stand for text: no special, added or unused ones, no single bytes, none that is only a piece of a character. */
function idSource(tokenizer: Tokenizer | undefined, vocabSize: number): (random: SeededRandom) => number {
  if (tokenizer === undefined) return (random) => random.integer(0, vocabSize - 1);
  const isText = new Map<number, boolean>();
  const check = (id: number): boolean =>
    !/^<.+>$/.test(tokenizer.idToToken(id) ?? '') && !/^$|\ufffd/.test(tokenizer.decode([id], { skipSpecialTokens: true }));
  return (random) => {
    for (let attempt = 0; attempt < 100 * vocabSize; attempt++) {
      const id = random.integer(0, vocabSize - 1);
      if (!isText.has(id)) isText.set(id, check(id));
      if (isText.get(id)) return id;
    }
    throw new TrtllmError('BAD_FLAG', '--tokenizer: no id of its vocabulary stands for text');
  };
}
