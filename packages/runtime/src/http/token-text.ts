// One token as logprobs show it: its own text, or its bytes where they are no whole characters.
import type { Tokenizer } from '@trtllm/text';

export interface TokenText {
  token: string;
  bytes: number[] | null;
}

export function tokenText(tokenizer: Tokenizer | undefined, id: number): TokenText {
  if (!tokenizer) return { token: `token_id:${id}`, bytes: null };
  const bytes = tokenizer.tokenBytes(id);
  try {
    return { token: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), bytes: [...bytes] };
  } catch {
    return { token: `bytes:${[...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}`, bytes: [...bytes] };
  }
}
