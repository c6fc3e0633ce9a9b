// What a run asks for, settled before it starts: requests in the order they are sent.
import { createHash } from 'node:crypto';
import type { Note } from '../report/bench-report.js';
import type { DatasetName } from './datasets/names.js';

export interface ChatMessage {
  role: string;
  content: unknown;
  [field: string]: unknown;
}

/** Text, token ids, or the messages of a chat; of a later turn only what is new. */
export type Prompt = string | number[] | ChatMessage[];

export interface PlannedRequest {
  index: number;
  prompt: Prompt;
  /** What the server counts as prompt_tokens: BOS and chat template are in it. */
  inputTokens: number;
  /** The count rests on answers not yet given, or on a template applied to several messages. */
  inputIsEstimate?: true;
  outputTokens: number;
  /** Which of the shared prefixes it begins with. */
  prefix?: number;
  /** 0 for the first of a conversation; its later turns follow in the plan. Absent: no conversation. */
  turn?: number;
  /** From the end of the turn before to this one. */
  delayMs?: number;
  /** Stands in the history of later turns in place of the server's answer. */
  answer?: string;
  /** From the first request of a trace. */
  arrivalMs?: number;
  /** Further fields of the request body. */
  fields?: Record<string, unknown>;
}

export interface Plan {
  requests: PlannedRequest[];
  /** What a reader should know of the data: what was dropped, repeated, drawn. */
  notes: Note[];
}

/** Names a workload: equal hashes asked for equal things. */
export function planHash(requests: readonly PlannedRequest[]): string {
  const hash = createHash('sha256');
  for (const request of requests) hash.update(JSON.stringify(request)).update('\n');
  return hash.digest('hex');
}

/** Of requests whose prompt was asked before, the index of the first that asked it. Turns of conversations are never alike: their history differs. */
export function repeatsOf(requests: readonly PlannedRequest[]): Map<number, number> {
  const firsts = new Map<string, number>();
  const repeats = new Map<number, number>();
  for (const { index, prompt, turn } of requests) {
    if (turn !== undefined) continue;
    const name = createHash('sha256').update(JSON.stringify(prompt)).digest('base64');
    const first = firsts.get(name);
    if (first === undefined) firsts.set(name, index);
    else repeats.set(index, first);
  }
  return repeats;
}

/** Later turns with the first they belong to; a request outside conversations stands alone. */
export function conversationsOf(requests: readonly PlannedRequest[]): PlannedRequest[][] {
  const conversations: PlannedRequest[][] = [];
  for (const request of requests) {
    if ((request.turn ?? 0) > 0) conversations.at(-1)!.push(request);
    else conversations.push([request]);
  }
  return conversations;
}

/** Whether a server's cache has something to find by plan. What a custom file holds is not looked into. */
export function sharesText(datasetName: DatasetName, requests: readonly PlannedRequest[]): boolean {
  const isUnknown = datasetName === 'mooncake' || datasetName === 'custom' || datasetName === 'trtllm_custom';
  return isUnknown || requests.some(({ prefix, turn }) => prefix !== undefined || turn !== undefined);
}
