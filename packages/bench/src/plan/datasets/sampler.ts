// A data set is loaded once, and then its sampler plans requests from nothing but the seed, the salt and how prompts are written.
import type { Note } from '../../report/bench-report.js';
import type { ArrivalOptions } from '../arrival-options.js';
import type { DatasetOptions } from '../dataset-options.js';
import type { PlannedRequest } from '../workload.js';
import type { Piece, PromptWriter } from '../prompt-writer.js';
import { seededRandom, type SeededRandom } from '../seeded-random.js';

export interface SampleContext {
  seed: number;
  salt: string;
  /** Infinity: all there are. */
  numPrompts: number;
  writer: PromptWriter;
}

/** One request at a time: a thousand long prompts take some tokenizers half a minute, and connections must be served meanwhile. */
export type Sampler = (context: SampleContext) => Generator<PlannedRequest, Note[]>;

/** Reads its file, if it has one. */
export type Dataset = (options: DatasetOptions & Pick<ArrivalOptions, 'traceSpeedup'>) => Promise<Sampler>;

// Prose and given texts may begin alike; as many drawn tokens before them make every prompt the only one of its kind.
const SALT_TOKENS = 4;

/** Text, as opposed to lengths and choices, differs with the salt. */
export function textRandom({ seed, salt }: SampleContext, purpose: string, index: number): SeededRandom {
  return seededRandom(seed, salt === '' ? purpose : `${purpose}/${salt}`, index);
}

/** Behind a prefix, drawn tokens that no other prompt goes on with, at most what there is room for. */
export function saltPieces(context: SampleContext, index: number, prefix: readonly Piece[], room: number): Piece[] {
  return context.writer.draw(textRandom(context, 'salt', index), Math.min(SALT_TOKENS, room), prefix.length === 0);
}

/** The text as it is; salted, if the run is or the text was asked before. */
export function givenPrompt(context: SampleContext, text: string, index: number, isRepeat: boolean): { prompt: string | number[]; inputTokens: number } {
  const { writer, salt } = context;
  const given = writer.given(text);
  if (salt === '' && !isRepeat) return given;
  const pieces = saltPieces(context, index, [], SALT_TOKENS);
  if (typeof given.prompt === 'string') return writer.given(`${String(writer.promptOf(pieces))}\n${text}`);
  return { prompt: [...(pieces as number[]), ...given.prompt], inputTokens: given.inputTokens + pieces.length };
}

/** "mean 99.8, from 80 to 120" */
export function spread(values: readonly number[]): string {
  let [sum, min, max] = [0, Infinity, 0];
  for (const value of values) [sum, min, max] = [sum + value, Math.min(min, value), Math.max(max, value)];
  return values.length === 0 ? 'none drawn' : `mean ${(sum / values.length).toFixed(1)}, from ${min} to ${max}`;
}
