// ShareGPT: first exchanges of conversations, filtered as vLLM and benchmark_serving filter them. A JSON array of
// { id, conversations: [{ from, value }] }.
import { TrtllmError } from '@trtllm/protocol';
import type { Note } from '../../report/bench-report.js';
import { readObjects, type DataRecord } from '../data-file.js';
import type { PlannedRequest } from '../workload.js';
import { pick, seededRandom, shuffledIndices } from '../seeded-random.js';
import { givenPrompt, type Dataset, type SampleContext } from './sampler.js';

export interface Exchange {
  prompt: string;
  completion: string;
  isHuman: boolean;
}

const MIN_TOKENS = 4;
const MAX_PROMPT_TOKENS = 1024;
const MAX_TOTAL_TOKENS = 2048;

export const sharegpt: Dataset = async (options) => {
  const all = await readObjects(options.datasetPath!, firstExchange);
  const exchanges = all.filter((exchange) => exchange !== undefined);
  return (context) => sampleExchanges(context, exchanges, all.length - exchanges.length, options.sharegptOutputLen);
};

/** Undefined for a conversation of one turn. */
function firstExchange(record: DataRecord<Record<string, unknown>>): Exchange | undefined {
  const turns = record.value['conversations'] ?? record.value['conversation'];
  if (!Array.isArray(turns)) throw record.error('conversations: a list of { from, value }', turns);
  if (turns.length < 2) return undefined;
  const [prompt, completion] = [turns[0]?.value, turns[1]?.value];
  if (typeof prompt !== 'string' || typeof completion !== 'string') throw record.error('texts as value of the first two turns', turns.slice(0, 2));
  return { prompt, completion, isHuman: turns[0].from === 'human' || turns[0].from === 'user' };
}

/** Why an exchange is left out; undefined for one that is taken. Tokens of the texts alone, without BOS and chat template. */
export function whyDropped(promptTokens: number, outputTokens: number, isOverridden: boolean): string | undefined {
  if (promptTokens < MIN_TOKENS) return `prompt below ${MIN_TOKENS} tokens`;
  if (!isOverridden && outputTokens < MIN_TOKENS) return `answer below ${MIN_TOKENS} tokens`;
  if (promptTokens > MAX_PROMPT_TOKENS) return `prompt above ${MAX_PROMPT_TOKENS} tokens`;
  if (promptTokens + outputTokens > MAX_TOTAL_TOKENS) return `together above ${MAX_TOTAL_TOKENS} tokens`;
  return undefined;
}

function* sampleExchanges(context: SampleContext, exchanges: readonly Exchange[], numSingle: number, outputLen: number | undefined): Generator<PlannedRequest, Note[]> {
  const { seed, numPrompts, writer } = context;
  const dropped = new Map<string, number>(numSingle > 0 ? [['one turn only', numSingle]] : []);
  const kept: [Exchange, outputTokens: number][] = [];
  let numSeen = numSingle;
  let index = 0;
  for (const at of shuffledIndices(seededRandom(seed, 'sharegpt'), exchanges.length)) {
    if (index === numPrompts) break;
    const exchange = exchanges[at]!;
    numSeen++;
    const promptTokens = writer.count(exchange.prompt);
    const outputTokens = outputLen ?? writer.count(exchange.completion);
    const reason = whyDropped(promptTokens, outputTokens, outputLen !== undefined);
    if (reason !== undefined) {
      dropped.set(reason, (dropped.get(reason) ?? 0) + 1);
      continue;
    }
    kept.push([exchange, outputTokens]);
    yield { ...givenPrompt(context, exchange.prompt, index, false), index: index++, outputTokens };
  }
  if (kept.length === 0) throw new TrtllmError('BAD_FLAG', `--dataset-path: no conversation is left of ${numSeen}: ${counts(dropped)}`);
  const numRepeats = numPrompts === Infinity ? 0 : numPrompts - index;
  for (; index < numPrompts && numPrompts !== Infinity; index++) {
    const [exchange, outputTokens] = pick(seededRandom(seed, 'repeat', index), kept);
    yield { index, ...givenPrompt(context, exchange.prompt, index, true), outputTokens };
  }
  return notesOf(numSeen, dropped, kept, numRepeats);
}

function notesOf(numSeen: number, dropped: ReadonlyMap<string, number>, kept: readonly [Exchange, number][], numRepeats: number): Note[] {
  const notes: Note[] = [{ code: 'dropped', text: `looked at ${numSeen} conversations, kept ${kept.length}; left out: ${counts(dropped)}` }];
  const others = kept.filter(([exchange]) => !exchange.isHuman).length;
  if (others > 0) notes.push({ code: 'not-human', text: `${others} of ${kept.length} prompts are not a human's turn` });
  if (numRepeats > 0) notes.push({ code: 'repeats', text: `${numRepeats} prompts are asked again, a few words before each, since the file holds too few` });
  return notes;
}

function counts(dropped: ReadonlyMap<string, number>): string {
  return dropped.size === 0 ? 'none' : [...dropped].map(([reason, count]) => `${count} ${reason}`).join(', ');
}
