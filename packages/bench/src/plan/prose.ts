// Prose for prompts that read like text: random words tell little of speculative decoding and of routing among experts.
import { createRequire } from 'node:module';
import { TrtllmError } from '@trtllm/protocol';
import { readObjects, readText } from './data-file.js';
import type { Piece, PromptWriter } from './prompt-writer.js';
import type { SeededRandom } from './seeded-random.js';

/** Shakespeare's sonnets, a line of verse a line; public domain. */
export const SONNETS_PATH = createRequire(import.meta.url).resolve('@trtllm/bench/sonnets');

/** A text file, or the first turns of conversations in a JSON file. */
export async function readProse(path: string): Promise<string> {
  const text = /\.json(\.gz)?$/.test(path) ? (await readObjects(path, ({ value }) => firstTurn(value))).join('\n') : await readText(path);
  if (!/\S/.test(text)) throw new TrtllmError('BAD_FLAG', `--dataset-path ${path}: expected text, found none`);
  return text;
}

function firstTurn(entry: Record<string, unknown>): string {
  const text = (entry['conversations'] as { value?: unknown }[] | undefined)?.[0]?.value;
  return typeof text === 'string' ? text : '';
}

/** Pieces from somewhere in the text on, round its end, at most as many as tokens are wanted. */
export function proseSource(writer: PromptWriter, text: string): (random: SeededRandom, numTokens: number) => Piece[] {
  const pieces = writer.piecesOf(text);
  return (random, numTokens) => {
    const start = random.integer(0, pieces.length - 1);
    return Array.from({ length: numTokens }, (_, i) => pieces[(start + i) % pieces.length]!);
  };
}
