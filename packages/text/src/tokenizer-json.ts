// JSON files of a tokenizer, read with a bound on their size.
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { TrtllmError } from '@trtllm/protocol';

const MAX_FILE_BYTES = 256 << 20;

/** The parts of tokenizer.json that we look at ourselves. */
export interface TokenizerJson {
  added_tokens?: { id: number; content: string; special: boolean }[];
  decoder?: unknown;
  post_processor?: unknown;
  model: { type?: string; vocab: Record<string, number> | [string, number][] };
}

/** undefined where there is no such file. */
export async function readJson(path: string): Promise<Record<string, unknown> | undefined> {
  if (!existsSync(path)) return undefined;
  const { size } = await stat(path);
  if (size > MAX_FILE_BYTES) throw new TrtllmError('CHECKPOINT_INVALID', `${path}: ${size} bytes, expected at most ${MAX_FILE_BYTES}`);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new TrtllmError('CHECKPOINT_INVALID', `${path}: not valid JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TrtllmError('CHECKPOINT_INVALID', `${path}: expected a JSON object`);
  return value as Record<string, unknown>;
}
