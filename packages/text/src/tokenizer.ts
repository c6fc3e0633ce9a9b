// Text <-> token ids; the only file that imports the tokenizer library. A pure JavaScript one: it is synchronous, needs no
// binary, and gave llama.cpp's listed ids for 47 of 47 texts each of the GPT-2, Llama 2, Llama 3.1, Qwen2 and Qwen3 tokenizers.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer as Library } from '@huggingface/tokenizers';
import { TrtllmError } from '@trtllm/protocol';
import { byteLevelBytes, sentencePieceBytes } from './token-bytes.js';
import { readTokenizerFiles, type TokenizerFiles } from './tokenizer-files.js';

export interface Tokenizer {
  /** Ids are in [0, vocabSize). */
  readonly vocabSize: number;
  readonly chatTemplate: string | undefined;
  readonly bosToken: string | undefined;
  readonly eosToken: string | undefined;
  readonly bosTokenId: number | undefined;
  readonly eosTokenId: number | undefined;
  /** Synchronous: 64 KiB of prose take about 40 ms with a byte-level tokenizer, half a second with a SentencePiece one. */
  encode(text: string, options: { addSpecialTokens: boolean }): number[];
  /** Ids that the tokenizer does not know (a padded embedding has some) are left out. */
  decode(ids: readonly number[], options: { skipSpecialTokens: boolean }): string;
  idToToken(id: number): string | undefined;
  /** Exact bytes of one token; a part of a character for byte tokens. */
  tokenBytes(id: number): Uint8Array;
  isSpecial(id: number): boolean;
}

/** undefined for a folder without tokenizer files. Throws CHECKPOINT_INVALID naming the file. */
export async function loadTokenizer(directory: string): Promise<Tokenizer | undefined> {
  if (!existsSync(join(directory, 'tokenizer.json')) && !existsSync(join(directory, 'vocab.json'))) return undefined;
  const files = await readTokenizerFiles(directory);
  try {
    return new LibraryTokenizer(files);
  } catch (cause) {
    if (cause instanceof TrtllmError) throw cause;
    throw new TrtllmError('CHECKPOINT_INVALID', `${files.path}: not a tokenizer that can be loaded: ${(cause as Error).message}`, { cause });
  }
}

class LibraryTokenizer implements Tokenizer {
  readonly vocabSize: number;
  readonly chatTemplate: string | undefined;
  readonly bosToken: string | undefined;
  readonly eosToken: string | undefined;
  private readonly library: Library;
  private readonly specialIds: ReadonlySet<number>;
  private readonly isByteLevel: boolean;

  constructor(files: TokenizerFiles) {
    this.library = new Library(files.tokenizer, files.config);
    this.chatTemplate = files.chatTemplate;
    this.bosToken = files.bosToken;
    this.eosToken = files.eosToken;
    this.isByteLevel = JSON.stringify(files.tokenizer.decoder ?? null).includes('"ByteLevel"');
    this.specialIds = new Set(files.tokenizer.added_tokens?.filter((token) => token.special).map((token) => token.id));
    this.vocabSize = 1 + files.maxId;
  }

  get bosTokenId(): number | undefined {
    return this.bosToken === undefined ? undefined : this.library.token_to_id(this.bosToken);
  }

  get eosTokenId(): number | undefined {
    return this.eosToken === undefined ? undefined : this.library.token_to_id(this.eosToken);
  }

  encode(text: string, { addSpecialTokens }: { addSpecialTokens: boolean }): number[] {
    // Lone surrogates cannot be encoded as UTF-8; they become U+FFFD here as everywhere.
    return this.library.encode(text.toWellFormed(), { add_special_tokens: addSpecialTokens }).ids;
  }

  decode(ids: readonly number[], { skipSpecialTokens }: { skipSpecialTokens: boolean }): string {
    const known = ids.filter((id) => this.idToToken(id) !== undefined && !(skipSpecialTokens && this.isSpecial(id)));
    if (known.length === 0) return '';
    return this.library.decode(known, { skip_special_tokens: skipSpecialTokens, clean_up_tokenization_spaces: false });
  }

  idToToken(id: number): string | undefined {
    return this.library.id_to_token(id) ?? undefined;
  }

  tokenBytes(id: number): Uint8Array {
    const token = this.idToToken(id) ?? '';
    if (this.isSpecial(id)) return new TextEncoder().encode(token);
    return this.isByteLevel ? byteLevelBytes(token) : sentencePieceBytes(token);
  }

  isSpecial(id: number): boolean {
    return this.specialIds.has(id);
  }
}
