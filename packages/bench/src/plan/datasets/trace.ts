// Traces of real services: times and lengths without texts. Prompts are drawn; what the service was asked stays unknown.
import { TrtllmError } from '@trtllm/protocol';
import type { Note } from '../../report/bench-report.js';
import type { PlannedRequest } from '../workload.js';
import { spread, textRandom, type SampleContext } from './sampler.js';

export interface TraceRow {
  atMs: number;
  inputTokens: number;
  outputTokens: number;
}

export type WriteRow<Row> = (context: SampleContext, row: Row, index: number, inputTokens: number) => string | number[];

export const writeDrawn: WriteRow<TraceRow> = (context, _, index, inputTokens) => {
  const { writer } = context;
  return writer.promptOf(writer.exactPieces(textRandom(context, 'prompt', index), [], inputTokens));
};

/** In the order of time. A trace is a stretch of a service's day, so its first requests are taken, not some of them. */
export function inTime<Row extends TraceRow>(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => a.atMs - b.atMs);
}

/** Rows that can be asked. */
export function usable<Row extends TraceRow>(rows: readonly Row[], maxInputLen = Infinity): { rows: Row[]; notes: Note[] } {
  const taken = rows.filter((row) => row.outputTokens > 0 && row.inputTokens <= maxInputLen);
  if (taken.length === 0) throw new TrtllmError('BAD_FLAG', `--dataset-path: none of ${rows.length} requests has an answer and a prompt of at most ${maxInputLen} tokens`);
  const silent = rows.filter((row) => row.outputTokens === 0).length;
  const limit = maxInputLen === Infinity ? '' : `, ${rows.length - taken.length - silent} prompts above ${maxInputLen} tokens`;
  const notes = taken.length === rows.length ? [] : [{ code: 'dropped', text: `of ${rows.length} requests of the trace ${taken.length} can be asked; left out: ${silent} without answer${limit}` }];
  return { rows: taken, notes };
}

/** The first rows, each with its distance in time from the first of all. */
export function* replay<Row extends TraceRow>(context: SampleContext, rows: readonly Row[], write: WriteRow<Row>): Generator<PlannedRequest, Note[]> {
  const { numPrompts, writer } = context;
  if (numPrompts > rows.length && numPrompts !== Infinity) throw new TrtllmError('BAD_FLAG', `--num-prompts ${numPrompts}: the trace holds ${rows.length} requests; ask for at most that many`);
  const taken = rows.slice(0, numPrompts);
  // One drawn token beside what the endpoint adds.
  const least = writer.overhead + 1;
  for (const [index, row] of taken.entries()) {
    const inputTokens = Math.max(least, row.inputTokens);
    yield { index, prompt: write(context, row, index, inputTokens), inputTokens, outputTokens: row.outputTokens, arrivalMs: row.atMs - taken[0]!.atMs };
  }
  const raised = taken.filter((row) => row.inputTokens < least).length;
  const notes: Note[] = [{ code: 'lengths', text: `prompt tokens of the trace: ${spread(taken.map((row) => row.inputTokens))}; output tokens: ${spread(taken.map((row) => row.outputTokens))}` }];
  if (raised > 0) notes.push({ code: 'raised', text: `${raised} prompts of the trace are shorter than what the endpoint adds and were made ${least} tokens long` });
  return notes;
}

/** A sampler's notes after those of reading the file. */
export function* withNotes(notes: readonly Note[], sampled: Generator<PlannedRequest, Note[]>): Generator<PlannedRequest, Note[]> {
  return [...notes, ...(yield* sampled)];
}
