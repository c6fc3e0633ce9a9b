// The tokenizer that a dataset file is made for.
import type { Tokenizer } from '@trtllm/text';
import { badFlag } from './numbers.js';

interface TokenizerFlags {
  tokenizer?: string | undefined;
  'model-path'?: string | undefined;
  model?: string | undefined;
  'vocab-size'?: number | undefined;
}

export async function modelTokenizer(flags: TokenizerFlags): Promise<Tokenizer> {
  const directory = flags.tokenizer ?? flags['model-path'] ?? flags.model;
  if (directory === undefined) throw badFlag('prepare-dataset: give --tokenizer DIR (an engine has one), or for random ids --vocab-size N');
  const [{ loadTokenizer }, { tokenizerFolder }] = await Promise.all([import('@trtllm/text'), import('@trtllm/bench')]);
  const folder = tokenizerFolder(directory);
  const tokenizer = folder === undefined ? undefined : await loadTokenizer(folder);
  if (!tokenizer) throw badFlag(`--tokenizer ${directory}: there is no tokenizer in it; random ids go without: --vocab-size N`);
  return tokenizer;
}

/** Random ids are drawn below `vocab_size`, special ones left out. */
export async function vocabularyOf(flags: TokenizerFlags): Promise<{ vocab_size: number; excluded_ids: number[] }> {
  if (flags['vocab-size'] !== undefined) return { vocab_size: flags['vocab-size'], excluded_ids: [] };
  const tokenizer = await modelTokenizer(flags);
  return { vocab_size: tokenizer.vocabSize, excluded_ids: Array.from({ length: tokenizer.vocabSize }, (_, id) => id).filter((id) => tokenizer.isSpecial(id)) };
}
