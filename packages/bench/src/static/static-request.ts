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
  if (requests.length === 0) throw new TrtllmError('BAD_FLAG', `--dataset ${path}: no request in it; expected one JSON object a line, as "trtllm bench prepare-dataset" writes them`);
  return requests;
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

/** Random ids; request i depends on the seed and i alone. */
export function syntheticRequests({ count, input, output, vocab_size, excluded_ids, seed }: SyntheticDataset): StaticRequest[] {
  const excluded = new Set(excluded_ids);
  return Array.from({ length: count }, (_, index) => {
    const ids = seededRandom(seed, 'ids', index);
    const length = drawLength(input, seededRandom(seed, 'input-length', index));
    const input_ids: number[] = [];
    while (input_ids.length < length) {
      const id = ids.integer(0, vocab_size - 1);
      if (!excluded.has(id)) input_ids.push(id);
    }
    return { id: index, input_ids, output_tokens: drawLength(output, seededRandom(seed, 'output-length', index)) };
  });
}

function drawLength(lengths: Lengths, random: SeededRandom): number {
  if ('low' in lengths) return random.integer(lengths.low, lengths.high);
  return Math.ceil(Math.max(1, lengths.mean + lengths.deviation * normal(random)));
}

/** The lines of a dataset file. */
export function* datasetLines(requests: Iterable<StaticRequest>): Generator<string> {
  for (const { id: task_id, input_ids, output_tokens } of requests) yield `${JSON.stringify({ task_id, input_ids, output_tokens })}\n`;
}
