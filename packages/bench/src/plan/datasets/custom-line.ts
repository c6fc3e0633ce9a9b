// One line of a custom file -> the turns it asks for. Forms: trtllm-bench's and vLLM's { prompt | input_ids, output_tokens }, OpenAI's
// request bodies (bare, or as batch lines with `body`), ShareGPT's { conversations }, MT-bench's { turns }, benchmark_core_model's
// { input, instruction, output }.
import { z } from 'zod';
import { checkShape } from '../check-shape.js';
import type { DataRecord } from '../data-file.js';
import type { ChatMessage } from '../workload.js';

export interface CustomTurn {
  /** Text, ids, or messages that are sent as they are. */
  prompt: string | number[] | ChatMessage[];
  outputTokens?: number | undefined;
  /** What the file says was answered; gives the output length where nothing else does. */
  answer?: string | undefined;
  delayMs?: number | undefined;
}

export interface CustomLine {
  turns: CustomTurn[];
  /** Further fields of the request body. */
  fields: Record<string, unknown>;
  error: DataRecord<unknown>['error'];
}

const TOKENS_PER_WORD = 1.3;

const LENGTH = z.int().min(1).optional();
const MESSAGE = z.looseObject({ role: z.string(), content: z.unknown() });
const LINE = z.looseObject({
  prompt: z.union([z.string(), z.array(z.int().min(0)).min(1)], 'expected text or token ids').optional(),
  input_ids: z.array(z.int().min(0)).min(1).optional(),
  logits: z.array(z.int().min(0)).min(1).optional(),
  messages: z.array(MESSAGE).min(1).optional(),
  conversations: z.array(z.looseObject({ from: z.string(), value: z.string() })).min(1).optional(),
  turns: z.array(z.string()).min(1).optional(),
  instruction: z.string().optional(),
  input: z.unknown().optional(),
  output: z.unknown().optional(),
  output_tokens: LENGTH,
  output_len: LENGTH,
  max_tokens: LENGTH,
  max_completion_tokens: LENGTH,
  delay_ms: z.number().min(0).optional(),
  media_paths: z.array(z.string()).max(0, 'expected no media, which are not supported yet').nullish(),
  lora_request: z.null('expected no LoRA, which is not supported yet').optional(),
  body: z.record(z.string(), z.unknown()).optional(),
});
type Line = z.output<typeof LINE>;

// Fields of a body that the run decides itself, and fields around a request that say nothing to a server.
const OWN_FIELDS = new Set([...Object.keys(LINE.shape), 'model', 'stream', 'stream_options']);
const OTHER_FIELDS = new Set(['task_id', 'id', 'custom_id', 'method', 'url', 'question_id', 'category', 'reference']);

export function parseCustomLine(record: DataRecord<Record<string, unknown>>): CustomLine {
  const line = checkShape(record, LINE);
  const request = line.body === undefined ? line : checkShape(record.with(line.body), LINE);
  const turns = turnsOf(request);
  if (turns.length === 0) throw record.error('prompt, input_ids, messages, conversations, turns or instruction', Object.keys(request).join(', '));
  const isOpenAi = request.messages !== undefined || line.body !== undefined;
  const fields = Object.entries(request).filter(([name]) => isOpenAi && !OWN_FIELDS.has(name) && !OTHER_FIELDS.has(name));
  return { turns, fields: Object.fromEntries(fields), error: (expected, found) => record.error(expected, found) };
}

function turnsOf(line: Line): CustomTurn[] {
  const outputTokens = line.output_tokens ?? line.output_len ?? line.max_completion_tokens ?? line.max_tokens;
  const single = line.input_ids ?? line.logits ?? line.prompt;
  const turn = (prompt: CustomTurn['prompt'], answer?: string): CustomTurn => ({ prompt, outputTokens, answer, delayMs: line.delay_ms });
  if (single !== undefined) return [turn(single)];
  if (line.messages !== undefined) return [messagesTurn(line.messages, turn)];
  if (line.instruction !== undefined) return [taskTurn(line.instruction, line)];
  if (line.turns !== undefined) return line.turns.map((text) => turn(text));
  return conversationTurns(line.conversations ?? [], turn);
}

/** As benchmark_core_model asks: the input first, and as many tokens as the output's words times 1.3. */
function taskTurn(instruction: string, { input, output }: Line): CustomTurn {
  const prompt = typeof input === 'string' && input !== '' ? `${input} ${instruction}` : instruction;
  const words = typeof output === 'string' ? output.split(/\s+/).filter((word) => word !== '').length : 0;
  return { prompt, outputTokens: words === 0 ? undefined : Math.max(1, Math.floor(TOKENS_PER_WORD * words)) };
}

/** An answer at the end is what the request is to bring out. */
function messagesTurn(messages: ChatMessage[], turn: (prompt: ChatMessage[], answer?: string) => CustomTurn): CustomTurn {
  const last = messages.at(-1)!;
  return last.role === 'assistant' && messages.length > 1 ? turn(messages.slice(0, -1), String(last.content)) : turn(messages);
}

/** Each human turn, with what was answered to it; a system text goes before the first. */
function conversationTurns(entries: readonly { from: string; value: string }[], turn: (prompt: CustomTurn['prompt'], answer?: string) => CustomTurn): CustomTurn[] {
  const isAsking = ({ from }: { from: string }): boolean => from === 'human' || from === 'user';
  const system = entries[0]?.from === 'system' ? entries[0].value : undefined;
  return entries.flatMap((entry, i) => {
    if (!isAsking(entry)) return [];
    const next = entries[i + 1];
    const answer = next === undefined || isAsking(next) ? undefined : next.value;
    if (system === undefined || entries.findIndex(isAsking) !== i) return [turn(entry.value, answer)];
    return [turn([{ role: 'system', content: system }, { role: 'user', content: entry.value }], answer)];
  });
}
