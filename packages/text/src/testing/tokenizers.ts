// Two small tokenizers for tests: the bundled SentencePiece one, and a byte-level BPE written here.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHARACTER_OF_BYTE } from '../token-bytes.js';
import { loadTokenizer, type Tokenizer } from '../tokenizer.js';

export const STORIES_DIRECTORY = fileURLToPath(new URL('../../../../models/stories260K', import.meta.url));

export async function stories(): Promise<Tokenizer> {
  return (await loadTokenizer(STORIES_DIRECTORY))!;
}

/** What a directory with these files loads as; the directory is gone afterwards. */
export async function loadFiles(files: Record<string, string | object>): Promise<Tokenizer | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'trtllm-text-'));
  try {
    for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), typeof content === 'string' ? content : JSON.stringify(content));
    return await loadTokenizer(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** vocab.json + merges.txt: every byte, a few merges (one of them, "é", of two bytes), and one special token. */
export function byteLevelFiles(): Record<string, string | object> {
  const merges = ['t h', 'Ġ th', 'Ġth e', 'Ã ©'];
  const tokens = [...CHARACTER_OF_BYTE, ...merges.map((merge) => merge.replace(' ', ''))];
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const added = { [tokens.length]: { content: '<|end|>', special: true } };
  return {
    'vocab.json': vocab,
    'merges.txt': `#version: 0.2\n${merges.join('\n')}\n`,
    'tokenizer_config.json': { tokenizer_class: 'GPT2Tokenizer', eos_token: '<|end|>', added_tokens_decoder: added },
  };
}

export async function byteLevelTokenizer(): Promise<Tokenizer> {
  return (await loadFiles(byteLevelFiles()))!;
}
