// vocab.json + merges.txt (GPT-2, early Qwen2) -> the same thing as a tokenizer.json.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TrtllmError } from '@trtllm/protocol';
import { readJson, type TokenizerJson } from './tokenizer-json.js';

// Pre-split patterns as published with the tokenizers (encoder.py of openai/gpt-2; Qwen2's tokenization_qwen2.py).
const GPT2_PATTERN = String.raw`'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;
const QWEN2_PATTERN = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;

export async function byteLevelBpe(directory: string, config: Record<string, unknown>): Promise<TokenizerJson> {
  const vocabPath = join(directory, 'vocab.json');
  const mergesPath = join(directory, 'merges.txt');
  const vocab = (await readJson(vocabPath)) as Record<string, number> | undefined;
  if (!vocab || !existsSync(mergesPath))
    throw new TrtllmError('CHECKPOINT_INVALID', `${directory}: expected tokenizer.json, or vocab.json and merges.txt together`);
  const merges = (await readFile(mergesPath, 'utf8')).split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#version'));
  const isQwen = /Qwen/.test(String(config['tokenizer_class'] ?? ''));
  const added = Object.entries((config['added_tokens_decoder'] ?? {}) as Record<string, { content: string; special?: boolean }>);
  return {
    version: '1.0',
    added_tokens: added.map(([id, token]) => ({ id: Number(id), single_word: false, lstrip: false, rstrip: false, normalized: false, ...token, special: token.special === true })),
    normalizer: isQwen ? { type: 'NFC' } : null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: isQwen ? QWEN2_PATTERN : GPT2_PATTERN }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    model: { type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, ignore_merges: false, vocab, merges },
  } as TokenizerJson;
}
