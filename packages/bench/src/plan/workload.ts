// What will be asked: prompts and lengths of the random dataset, drawn from the seed before the run. Same seed, same workload.
import { createHash } from 'node:crypto';
import { TrtllmError } from '@trtllm/protocol';
import type { Tokenizer } from '@trtllm/text';
import type { BenchOptions } from '../bench-options.js';
import { PromptWords } from './prompt-words.js';
import { seededRandom, type SeededRandom } from './seeded-random.js';

export interface PlannedRequest {
  index: number;
  /** Text, or token ids. */
  prompt: string | number[];
  /** What the server counts as prompt_tokens: BOS and chat template are in it. */
  inputTokens: number;
  outputTokens: number;
}

/** Writes a prompt that the server counts as `numTokens`, the shared prefix first. */
export type PromptWriter = (random: SeededRandom, numTokens: number) => string | number[];

type LengthOptions = Pick<BenchOptions, 'seed' | 'numPrompts' | 'inputLen' | 'outputLen' | 'prefixLen' | 'rangeRatio'>;

/** One at a time: a thousand long prompts take some tokenizers half a minute, and connections must be served meanwhile. */
export function* planWorkload(options: LengthOptions, write: PromptWriter): Generator<PlannedRequest> {
  const { seed, rangeRatio } = options;
  for (let index = 0; index < options.numPrompts; index++) {
    const inputTokens = options.prefixLen + drawLength(seededRandom(seed, 'input-length', index), options.inputLen, rangeRatio);
    const outputTokens = drawLength(seededRandom(seed, 'output-length', index), options.outputLen, rangeRatio);
    yield { index, prompt: write(seededRandom(seed, 'prompt', index), inputTokens), inputTokens, outputTokens };
  }
}

/** Names a workload: equal hashes asked for equal things. */
export function planHash(plans: readonly PlannedRequest[]): string {
  const hash = createHash('sha256');
  for (const plan of plans) hash.update(JSON.stringify(plan)).update('\n');
  return hash.digest('hex');
}

function drawLength(random: SeededRandom, length: number, ratio: number): number {
  return random.integer(Math.max(1, Math.floor(length * (1 - ratio))), Math.ceil(length * (1 + ratio)));
}

/** Words; `unknownOverhead` is what the server adds beyond what the tokenizer alone explains (a chat template). */
export function textWriter(words: PromptWords, options: LengthOptions, unknownOverhead: number): PromptWriter {
  const prefix = words.draw(seededRandom(options.seed, 'prefix'), options.prefixLen, true);
  const overhead = unknownOverhead + words.overhead;
  return (random, numTokens) => {
    if (numTokens >= overhead + prefix.length) return words.exactText(random, prefix, numTokens - unknownOverhead);
    throw new TrtllmError(
      'BAD_FLAG',
      `--random-input-len: a prompt of ${numTokens - prefix.length} tokens cannot be, the endpoint itself adds ${overhead}; that is the least`,
    );
  };
}

/** Ids are exact by definition: a server takes them as they are. */
export function idWriter(tokenizer: Tokenizer | undefined, vocabSize: number, options: LengthOptions): PromptWriter {
  const draw = idSource(tokenizer, vocabSize);
  const prefixRandom = seededRandom(options.seed, 'prefix');
  const prefix = Array.from({ length: options.prefixLen }, () => draw(prefixRandom));
  return (random, numTokens) => [...prefix, ...Array.from({ length: numTokens - prefix.length }, () => draw(random))];
}

/** Draws ids that stand for text: no special ones, none that is only a piece of a character. */
function idSource(tokenizer: Tokenizer | undefined, vocabSize: number): (random: SeededRandom) => number {
  if (tokenizer === undefined) return (random) => random.integer(0, vocabSize - 1);
  const isText = new Map<number, boolean>();
  const check = (id: number): boolean => !/^$|\ufffd/.test(tokenizer.decode([id], { skipSpecialTokens: true }));
  return (random) => {
    for (let attempt = 0; attempt < 100 * vocabSize; attempt++) {
      const id = random.integer(0, vocabSize - 1);
      if (!isText.has(id)) isText.set(id, check(id));
      if (isText.get(id)) return id;
    }
    throw new TrtllmError('BAD_FLAG', '--tokenizer: no id of its vocabulary stands for text');
  };
}
