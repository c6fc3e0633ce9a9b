// Prompt text -> ids, where the text could fit at all: tokenizing holds the event loop, so what cannot fit is refused by its length.
import type { Tokenizer } from '@trtllm/text';
import { invalid } from './errors.js';

/** Composing normalizers (NFC, NFKC) make at most this many characters one. */
const MAX_COMPOSED = 4;

const longestTokens = new WeakMap<Tokenizer, number>();

export function encodePrompt(tokenizer: Tokenizer, text: string, addSpecialTokens: boolean, maxSeqLen: number): number[] {
  const mostCharacters = maxSeqLen * longestToken(tokenizer) * MAX_COMPOSED;
  if (text.length > mostCharacters)
    throw invalid(
      `the prompt has ${text.length} characters: more than ${maxSeqLen} tokens (--max_seq_len) can hold`,
      null,
      'context_length_exceeded',
    );
  return tokenizer.encode(text, { addSpecialTokens });
}

/** In characters of its spelling in the vocabulary, which are at least those of its text. */
function longestToken(tokenizer: Tokenizer): number {
  let longest = longestTokens.get(tokenizer);
  if (longest === undefined) {
    longest = 1;
    for (let id = 0; id < tokenizer.vocabSize; id++) longest = Math.max(longest, tokenizer.idToToken(id)?.length ?? 0);
    longestTokens.set(tokenizer, longest);
  }
  return longest;
}
