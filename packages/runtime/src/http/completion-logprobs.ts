// `logprobs` of /v1/completions: four lists with one entry a token.
import type { WireLogprobs } from '@trtllm/protocol';
import type { Tokenizer } from '@trtllm/text';
import { tokenText } from './token-text.js';

export interface CompletionLogprobs {
  /** Where each token begins in `text`, in code points. */
  text_offset: number[];
  /** null: the first token of a prompt, which nothing predicts. */
  token_logprobs: (number | null)[];
  tokens: string[];
  top_logprobs: (Record<string, number> | null)[];
}

export interface LogprobTokens {
  token_ids: readonly number[];
  logprobs: readonly (WireLogprobs | null)[];
  text_offsets: readonly number[];
}

export function completionLogprobs(tokenizer: Tokenizer | undefined, { token_ids, logprobs, text_offsets }: LogprobTokens): CompletionLogprobs {
  const name = (id: number) => tokenText(tokenizer, id).token;
  return {
    text_offset: [...text_offsets],
    token_logprobs: token_ids.map((_, i) => logprobs[i]?.logprob ?? null),
    tokens: token_ids.map(name),
    top_logprobs: token_ids.map((id, i) => topLogprobs(logprobs[i], name(id), name)),
  };
}

/** The best tokens, and the one that was taken where it is not among them. Of two tokens with one text the better counts. */
function topLogprobs(entry: WireLogprobs | null | undefined, taken: string, name: (id: number) => string): Record<string, number> | null {
  if (!entry) return null;
  const top = new Map<string, number>();
  for (const [id, logprob] of entry.top) {
    const text = name(id);
    if (!top.has(text)) top.set(text, logprob);
  }
  if (!top.has(taken)) top.set(taken, entry.logprob);
  return Object.fromEntries(top);
}

export function concatLogprobs(first: CompletionLogprobs, second: CompletionLogprobs): CompletionLogprobs {
  return {
    text_offset: [...first.text_offset, ...second.text_offset],
    token_logprobs: [...first.token_logprobs, ...second.token_logprobs],
    tokens: [...first.tokens, ...second.tokens],
    top_logprobs: [...first.top_logprobs, ...second.top_logprobs],
  };
}
