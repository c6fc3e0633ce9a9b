// Requests of drawn lengths: what the random and synthetic data sets share.
import type { Note } from '../../report/bench-report.js';
import type { LengthLaw } from '../length-law.js';
import type { PlannedRequest } from '../workload.js';
import type { Piece } from '../prompt-writer.js';
import { proseSource } from '../prose.js';
import { pickWeighted, seededRandom, type SeededRandom } from '../seeded-random.js';
import { saltPieces, spread, textRandom, type SampleContext } from './sampler.js';

export interface DrawnLaws {
  input: LengthLaw;
  output: LengthLaw;
  /** Tokens that all prompts of a group begin with, in addition to `input`. */
  prefixLen: number;
  /** One weight a group. */
  prefixGroups: readonly number[];
  turns: number;
  turnDelayMs: number;
  /** Undefined: random words. */
  prose?: string | undefined;
}

export function* drawnRequests(context: SampleContext, laws: DrawnLaws): Generator<PlannedRequest, Note[]> {
  const { seed, writer } = context;
  const prefixes = laws.prefixGroups.map((_, group) => writer.draw(textRandom(context, 'prefix', group), laws.prefixLen, true));
  const write = textSource(context, laws);
  const inputs: number[] = [];
  const outputs: number[] = [];
  const groups = new Set<number>();
  let before: PlannedRequest | undefined;
  for (let index = 0; index < context.numPrompts; index++) {
    const numTokens = laws.input.draw(seededRandom(seed, 'input-length', index));
    const outputTokens = laws.output.draw(seededRandom(seed, 'output-length', index));
    const turn = index % laws.turns;
    const prefix = turn === 0 ? pickWeighted(seededRandom(seed, 'prefix-group', index), laws.prefixGroups) : 0;
    const random = textRandom(context, 'prompt', index);
    inputs.push(numTokens);
    outputs.push(outputTokens);
    groups.add(prefix);
    before =
      turn === 0
        ? { index, prompt: write(random, index, prefixes[prefix]!, laws.prefixLen + numTokens), inputTokens: laws.prefixLen + numTokens, outputTokens }
        : { index, prompt: writer.promptOf(writer.draw(random, numTokens, true)), outputTokens, turn, delayMs: laws.turnDelayMs, ...historyLength(before!, numTokens) };
    if (laws.turns > 1) before.turn = turn;
    if (laws.prefixLen > 0 && turn === 0) before.prefix = prefix;
    yield before;
  }
  return [lengthNote(laws, inputs, outputs), ...prefixNotes(context, laws, inputs, groups.size)];
}

/** A later turn's prompt holds everything before it. */
export function historyLength(before: PlannedRequest, newTokens: number): Pick<PlannedRequest, 'inputTokens' | 'inputIsEstimate'> {
  return { inputTokens: before.inputTokens + before.outputTokens + newTokens, inputIsEstimate: true };
}

type WriteText = (random: SeededRandom, index: number, prefix: readonly Piece[], numTokens: number) => string | number[];

function textSource(context: SampleContext, { prose }: DrawnLaws): WriteText {
  const { writer } = context;
  if (prose === undefined) return (random, _, prefix, numTokens) => writer.promptOf(writer.exactPieces(random, prefix, numTokens));
  const proseFrom = proseSource(writer, prose);
  return (random, index, prefix, numTokens) => {
    const room = Math.max(0, numTokens - prefix.length - writer.overhead);
    const fixed = [...prefix, ...saltPieces(context, index, prefix, room)];
    return writer.promptOf(writer.exactPieces(random, fixed, numTokens, proseFrom(random, room)));
  };
}

function lengthNote(laws: DrawnLaws, inputs: readonly number[], outputs: readonly number[]): Note {
  const prefix = laws.prefixLen > 0 ? ` after a shared prefix of ${laws.prefixLen}` : '';
  return { code: 'lengths', text: `prompt tokens${prefix}: ${laws.input.words} (${spread(inputs)}); output tokens: ${laws.output.words} (${spread(outputs)})` };
}

// Servers share whole blocks of the KV cache; 16 tokens are the smallest in use.
const BLOCK_TOKENS = 16;

function prefixNotes({ writer }: SampleContext, laws: DrawnLaws, inputs: readonly number[], numGroups: number): Note[] {
  const shared = Math.floor((laws.prefixLen + writer.overhead) / BLOCK_TOKENS) * BLOCK_TOKENS;
  const sent = inputs.reduce((sum, tokens) => sum + tokens + laws.prefixLen, 0);
  if (laws.prefixLen === 0 || laws.turns > 1 || sent === 0) return [];
  const reusable = (100 * shared * (inputs.length - numGroups)) / sent;
  return [{ code: 'shared-prefix', text: `${numGroups} shared prefixes of ${laws.prefixLen} tokens: a server that keeps them can take ${reusable.toFixed(1)} % of prompt tokens from its cache` }];
}
