// What a static benchmark asks an engine: token ids in, so many tokens out. Read from trtllm-bench's dataset files, or drawn.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { TrtllmError } from '@trtllm/protocol';
import { z } from 'zod';
import { normal, seededRandom, type SeededRandom } from '../plan/seeded-random.js';

export interface StaticRequest {
  /** The dataset's task_id, or the request's place in it. */
  id: number;
  input_ids: number[];
  output_tokens: number;
}

const id = z.int().min(0);
const lineSchema = z.object({
  task_id: z.int().optional(),
  prompt: z.string().optional(),
  input_ids: z.array(id).min(1).optional(),
  /** The reference's older name for input_ids. */
  logits: z.array(id).min(1).optional(),
  output_tokens: z.int().min(1),
});

/**
 * One JSON object a line: {task_id, prompt or input_ids, output_tokens}. Ids win over text.
 * @param encode turns a prompt into ids; undefined without a tokenizer
 * @param limit requests to read at most; 0: all
 */
export async function readStaticDataset(path: string, encode: ((text: string) => number[]) | undefined, limit = 0): Promise<StaticRequest[]> {
  const requests: StaticRequest[] = [];
  let number = 0;
  try {
    for await (const line of createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity })) {
      number++;
      if (line.trim() === '') continue;
      requests.push(requestOf(line, `${path}:${number}`, requests.length, encode));
      if (requests.length === limit) break;
    }
  } catch (cause) {
    if (cause instanceof TrtllmError) throw cause;
    throw new TrtllmError('BAD_FLAG', `--dataset ${path}: cannot be read: ${(cause as Error).message}`, { cause });
  }
  refuseRepeatedIds(requests, path);
  if (requests.length === 0) throw new TrtllmError('BAD_FLAG', `--dataset ${path}: no request in it; expected one JSON object a line, as "trtllm bench prepare-dataset" writes them`);
  return requests;
}

/** Result files name requests by their ids. */
function refuseRepeatedIds(requests: readonly StaticRequest[], path: string): void {
  const seen = new Set<number>();
  for (const { id: taskId } of requests) {
    if (seen.has(taskId)) throw new TrtllmError('BAD_FLAG', `--dataset ${path}: task_id ${taskId} is given to two requests; each needs its own, or none has one`);
    seen.add(taskId);
  }
}

function requestOf(line: string, place: string, index: number, encode: ((text: string) => number[]) | undefined): StaticRequest {
  const result = lineSchema.safeParse(parseJson(line, place));
  if (!result.success) {
    const issue = result.error.issues[0]!;
    throw new TrtllmError('BAD_FLAG', `--dataset ${place}: ${issue.path.join('.') || 'line'}: ${issue.message}`);
  }
  const { task_id, prompt, input_ids, logits, output_tokens } = result.data;
  const ids = input_ids ?? logits ?? promptIds(prompt, place, encode);
  return { id: task_id !== undefined && task_id >= 0 ? task_id : index, input_ids: ids, output_tokens };
}

function parseJson(line: string, place: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new TrtllmError('BAD_FLAG', `--dataset ${place}: not JSON; expected one object a line`, { cause });
  }
}

function promptIds(prompt: string | undefined, place: string, encode: ((text: string) => number[]) | undefined): number[] {
  if (prompt === undefined) throw new TrtllmError('BAD_FLAG', `--dataset ${place}: expected "input_ids" or "prompt"`);
  if (!encode) throw new TrtllmError('BAD_FLAG', `--dataset ${place}: a "prompt" needs a tokenizer, which this engine lacks: give "input_ids", or --tokenizer DIR`);
  const ids = encode(prompt);
  if (ids.length === 0) throw new TrtllmError('BAD_FLAG', `--dataset ${place}: the prompt has no token`);
  return ids;
}

/** How long requests are: normal, rounded up, at least 1 (trtllm-bench's token-norm-dist); or uniform, both ends included. */
export type Lengths = { mean: number; deviation: number } | { low: number; high: number };

export interface SyntheticDataset {
  count: number;
  input: Lengths;
  output: Lengths;
  vocab_size: number;
  /** Never drawn. */
  excluded_ids: readonly number[];
  seed: number;
}

/** Random ids, none twice in a prompt that the vocabulary allows it for; request i depends on the seed and i alone. */
export function syntheticRequests({ count, input, output, vocab_size, excluded_ids, seed }: SyntheticDataset): StaticRequest[] {
  const excluded = new Set(excluded_ids);
  const usable = Array.from({ length: vocab_size }, (_, id) => id).filter((id) => !excluded.has(id));
  if (usable.length === 0) throw new TrtllmError('BAD_FLAG', `a vocabulary of ${vocab_size} with ${excluded.size} ids left out has none to draw`);
  return Array.from({ length: count }, (_, index) => {
    const length = drawLength(input, seededRandom(seed, 'input-length', index));
    return { id: index, input_ids: drawIds(usable, length, seededRandom(seed, 'ids', index)), output_tokens: drawLength(output, seededRandom(seed, 'output-length', index)) };
  });
}

/** The beginning of a Fisher-Yates shuffle, of which only the swapped places are kept; all over again when the ids are used up. */
function drawIds(usable: readonly number[], length: number, random: SeededRandom): number[] {
  const swapped = new Map<number, number>();
  const at = (place: number): number => swapped.get(place) ?? place;
  return Array.from({ length }, (_, index) => {
    const place = index % usable.length;
    if (place === 0) swapped.clear();
    const drawn = random.integer(place, usable.length - 1);
    const id = usable[at(drawn)]!;
    swapped.set(drawn, at(place));
    return id;
  });
}

export function drawLength(lengths: Lengths, random: SeededRandom): number {
  if ('low' in lengths) return random.integer(lengths.low, lengths.high);
  return Math.ceil(Math.max(1, lengths.mean + lengths.deviation * normal(random)));
}

/** The lines of a dataset file. */
export function* datasetLines(requests: Iterable<StaticRequest>): Generator<string> {
  for (const { id: task_id, input_ids, output_tokens } of requests) yield `${JSON.stringify({ task_id, input_ids, output_tokens })}\n`;
}
