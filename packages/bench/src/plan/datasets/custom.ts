// custom: requests of a JSONL file, or of a JSON array, in the order of the file. trtllm_custom is another form of line.
import { TrtllmError } from '@trtllm/protocol';
import { z } from 'zod';
import type { Note } from '../../report/bench-report.js';
import { checkShape } from '../check-shape.js';
import { readObjects, type DataRecord } from '../data-file.js';
import type { DatasetOptions } from '../dataset-options.js';
import type { ChatMessage, PlannedRequest } from '../workload.js';
import type { PromptWriter } from '../prompt-writer.js';
import { parseCustomLine, type CustomLine, type CustomTurn } from './custom-line.js';
import { historyLength } from './drawn.js';
import { givenPrompt, type Dataset, type SampleContext } from './sampler.js';

type Options = Pick<DatasetOptions, 'customOutputLen' | 'turnDelayMs' | 'recordedHistory' | 'maxInputLen'>;

export const custom: Dataset = async (options) => {
  const lines = await readObjects(options.datasetPath!, parseCustomLine);
  return (context) => askLines(context, lines, options);
};

const TRTLLM_LINE = z.object({
  input: z.object({ messages: z.array(z.object({ role: z.string(), content: z.string() })).min(2), max_tokens: z.int().min(1) }),
});

export const trtllmCustom: Dataset = async (options) => {
  const lines = await readObjects(options.datasetPath!, parseTrtllmLine);
  return (context) => askLines(context, lines, options);
};

/** The second message alone is asked, as benchmark_serving does. */
function parseTrtllmLine(record: DataRecord<Record<string, unknown>>): CustomLine {
  const { input } = checkShape(record, TRTLLM_LINE);
  return { turns: [{ prompt: input.messages[1]!.content, outputTokens: input.max_tokens }], fields: {}, error: (expected, found) => record.error(expected, found) };
}

function* askLines(context: SampleContext, given: readonly CustomLine[], options: Options): Generator<PlannedRequest, Note[]> {
  const lines = shortEnough(context.writer, given, options.maxInputLen);
  const numPrompts = context.numPrompts === Infinity ? lines.reduce((sum, { turns }) => sum + turns.length, 0) : context.numPrompts;
  let index = 0;
  let numLines = 0;
  for (; index < numPrompts; numLines++) {
    const line = lines[numLines % lines.length]!;
    const isConversation = line.turns.length > 1;
    let before: PlannedRequest | undefined;
    for (const [turn, asked] of line.turns.slice(0, numPrompts - index).entries()) {
      before = {
        index,
        ...promptOf(context, asked.prompt, index, turn === 0, numLines >= lines.length),
        outputTokens: outputLength(context.writer, line, asked, options),
        ...(isConversation ? { turn } : {}),
        ...(turn > 0 ? { delayMs: asked.delayMs ?? options.turnDelayMs } : {}),
        ...(options.recordedHistory && asked.answer !== undefined ? { answer: asked.answer } : {}),
        ...(Object.keys(line.fields).length > 0 ? { fields: line.fields } : {}),
        ...(turn > 0 ? historyLength(before!, textTokens(context.writer, asked.prompt)) : {}),
      };
      yield before;
      index++;
    }
  }
  const repeats = Math.max(0, numLines - lines.length);
  return [...droppedNotes(given.length, lines.length, options.maxInputLen), ...(repeats === 0 ? [] : [{ code: 'repeats', text: `${repeats} entries of the file are asked again, since it holds ${lines.length}` }])];
}

/** By the first prompt of a line, as it stands in the file. */
function shortEnough(writer: PromptWriter, lines: readonly CustomLine[], maxInputLen: number | undefined): readonly CustomLine[] {
  if (maxInputLen === undefined) return lines;
  const kept = lines.filter(({ turns }) => textTokens(writer, turns[0]!.prompt) <= maxInputLen);
  if (kept.length === 0) throw new TrtllmError('BAD_FLAG', `--max-input-len ${maxInputLen}: every prompt of the file has more tokens`);
  return kept;
}

function droppedNotes(given: number, kept: number, maxInputLen: number | undefined): Note[] {
  return kept === given ? [] : [{ code: 'dropped', text: `of ${given} entries of the file ${kept} can be asked; left out: ${given - kept} prompts above ${maxInputLen} tokens` }];
}

type PromptFacts = Pick<PlannedRequest, 'prompt' | 'inputTokens' | 'inputIsEstimate'>;

/** Only the first turn is salted: what follows it is behind the salt already. */
function promptOf(context: SampleContext, prompt: CustomTurn['prompt'], index: number, isFirst: boolean, isRepeat: boolean): PromptFacts {
  if (typeof prompt === 'string') return isFirst ? givenPrompt(context, prompt, index, isRepeat) : { prompt, inputTokens: context.writer.count(prompt) };
  if (isIds(prompt)) return { prompt, inputTokens: prompt.length };
  return { prompt, inputTokens: textTokens(context.writer, prompt) + context.writer.overhead, inputIsEstimate: true };
}

function isIds(prompt: readonly unknown[]): prompt is number[] {
  return typeof prompt[0] === 'number';
}

function textTokens(writer: PromptWriter, prompt: CustomTurn['prompt']): number {
  if (typeof prompt === 'string') return writer.count(prompt);
  if (isIds(prompt)) return prompt.length;
  return prompt.reduce((sum, { content }: ChatMessage) => sum + writer.count(typeof content === 'string' ? content : JSON.stringify(content ?? '')), 0);
}

function outputLength(writer: PromptWriter, line: CustomLine, { outputTokens, answer }: CustomTurn, options: Options): number {
  const length = outputTokens ?? options.customOutputLen ?? (answer === undefined ? undefined : Math.max(1, writer.count(answer)));
  if (length === undefined) throw line.error('output_tokens (or output_len, max_tokens; --custom-output-len gives all lines one)', 'none of them');
  return length;
}
