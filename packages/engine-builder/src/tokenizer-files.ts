// Files that travel from the checkpoint into the engine as they are. All are optional: an engine without them takes and gives ids.
import { join } from 'node:path';
import { exists } from './input-file.js';

const COPIED_FILES = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'generation_config.json',
  'chat_template.jinja',
  'tokenizer.model',
  'vocab.json',
  'merges.txt',
  'added_tokens.json',
];

/** Names of those that the directory has. */
export async function findTokenizerFiles(directory: string): Promise<string[]> {
  const found = await Promise.all(COPIED_FILES.map(async (name) => ((await exists(join(directory, name))) ? name : null)));
  return found.filter((name) => name !== null);
}

export function hasTokenizer(files: readonly string[]): boolean {
  return files.includes('tokenizer.json') || files.includes('tokenizer.model') || (files.includes('vocab.json') && files.includes('merges.txt'));
}
