// Words that are one token each wherever they stand, so that n of them joined by blanks are n tokens. With a tokenizer that splits
// text before a blank no merge crosses a word; for the others each word is tried beside itself and among others.
import type { Tokenizer } from '@trtllm/text';
import { pick, seededRandom, shuffledIndices } from './seeded-random.js';

// A few thousand words make prompts that share no beginning; looking for more only costs start-up time.
const MAX_WORDS = 4096;
const NUM_TRIPLES = 1000;

/** In an order that depends on nothing but the tokenizer. */
export function stableWords(tokenizer: Tokenizer): string[] {
  const count = (text: string): number => tokenizer.encode(text, { addSpecialTokens: false }).length;
  const words = new Set<string>();
  for (const id of shuffledIndices(seededRandom(0, 'words'), tokenizer.vocabSize)) {
    if (words.size === MAX_WORDS) break;
    const word = tokenizer.decode([id], { skipSpecialTokens: true }).trim();
    if (!/^\p{L}+$/u.test(word) || words.has(word)) continue;
    const once = count(`a ${word}`);
    if (once === count('a') + 1 && count(`a ${word} ${word}`) === once + 1) words.add(word);
  }
  return keepSteady([...words], count);
}

/** Leaves out words that fail in most of the random triples they are in: a single bad pair is mended when it comes up. */
function keepSteady(words: readonly string[], count: (text: string) => number): string[] {
  if (words.length === 0) return [];
  const random = seededRandom(0, 'triples');
  const balance = new Map<string, number>();
  const alone = count('a');
  for (let i = 0; i < NUM_TRIPLES; i++) {
    const triple = [pick(random, words), pick(random, words), pick(random, words)];
    const step = count(`a ${triple.join(' ')}`) === alone + 3 ? 1 : -1;
    for (const word of triple) balance.set(word, (balance.get(word) ?? 0) + step);
  }
  return words.filter((word) => (balance.get(word) ?? 0) >= 0);
}
