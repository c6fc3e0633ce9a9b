// Two small tokenizers for tests: the bundled SentencePiece one, and a byte-level BPE written here.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHARACTER_OF_BYTE } from '../token-bytes.js';
import { loadTokenizer, type Tokenizer } from '../tokenizer.js';

export const STORIES_DIRECTORY = fileURLToPath(new URL('../../../../models/stories260K', import.meta.url));

export async function stories(): Promise<Tokenizer> {
  return (await loadTokenizer(STORIES_DIRECTORY))!;
}

/** A temporary directory with these files. */
export async function directoryWith(files: Record<string, string | object>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'trtllm-text-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), typeof content === 'string' ? content : JSON.stringify(content));
  return directory;
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
  return (await loadTokenizer(await directoryWith(byteLevelFiles())))!;
}
