// The bytes behind a token's spelling in the two families of tokenizers.

/**
 * GPT-2's byte-level alphabet: printable Latin-1 characters stand for themselves, the other bytes for U+0100 on, in order
 * (Radford et al. 2019, section 2.2; encoder.py of openai/gpt-2).
 */
const BYTE_OF_CHARACTER = new Map<string, number>();
let nextStandIn = 0x100;
for (let byte = 0; byte < 256; byte++) {
  const isPrintable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  BYTE_OF_CHARACTER.set(String.fromCodePoint(isPrintable ? byte : nextStandIn++), byte);
}

/** A character for each byte, the inverse of the above: index is the byte. */
export const CHARACTER_OF_BYTE: readonly string[] = [...BYTE_OF_CHARACTER.entries()].sort((a, b) => a[1] - b[1]).map(([character]) => character);

/** Byte-level BPE; characters outside the alphabet (added tokens) are UTF-8. */
export function byteLevelBytes(token: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of token) {
    const byte = BYTE_OF_CHARACTER.get(character);
    if (byte === undefined) bytes.push(...new TextEncoder().encode(character));
    else bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** SentencePiece: `<0xE2>` is one byte, U+2581 a blank, the rest UTF-8. */
export function sentencePieceBytes(token: string): Uint8Array {
  const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token);
  if (byte) return Uint8Array.of(Number.parseInt(byte[1]!, 16));
  return new TextEncoder().encode(token.replaceAll('\u2581', ' '));
}
