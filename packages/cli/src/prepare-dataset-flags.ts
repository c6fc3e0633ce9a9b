// Flags of `trtllm bench prepare-dataset`: trtllm-bench's own, those of its two laws, those of recorded data sets.
import { Flags, type Interfaces } from '@oclif/core';
import type { RealDataset } from '@trtllm/bench';
import { notYetFlags, type NotYet } from './not-yet-flags.js';
import { badFlag } from './numbers.js';

const NORMAL = 'TOKEN-NORM-DIST';
const UNIFORM = 'TOKEN-UNIF-DIST';
const REAL = 'REAL-DATASET';

/** Of LoRA adapters, of trtllm-bench's own group, of images. */
export const PREPARE_NOT_YET: NotYet = { 'task-id': ['-1'], 'rand-task-id': [], 'lora-dir': [], revision: [], 'dataset-image-key': ['image'] };

export const PREPARE_FLAGS = {
  model: Flags.string({ char: 'm', hidden: true, description: 'as --tokenizer' }),
  tokenizer: Flags.string({ description: 'engine or tokenizer directory, or its name in the Hugging Face cache', helpValue: 'DIR' }),
  'vocab-size': Flags.integer({ min: 2, description: 'instead of a tokenizer, for random ids' }),
  output: Flags.string({ default: 'preprocessed_dataset.json', helpValue: 'FILE' }),
  stdout: Flags.boolean({ description: 'write to stdout' }),
  'random-seed': Flags.integer({ default: 420, min: 0 }),
  'num-requests': Flags.integer({ min: 1, description: '[default: all of a recorded data set]' }),
  'input-mean': Flags.integer({ min: 1, helpGroup: NORMAL }),
  'input-stdev': Flags.integer({ min: 0, helpGroup: NORMAL }),
  'output-mean': Flags.integer({ min: 1, helpGroup: NORMAL }),
  'output-stdev': Flags.integer({ min: 0, helpGroup: NORMAL }),
  'input-min': Flags.integer({ min: 1, helpGroup: UNIFORM }),
  'input-max': Flags.integer({ min: 1, helpGroup: UNIFORM }),
  'output-min': Flags.integer({ min: 1, helpGroup: UNIFORM }),
  'output-max': Flags.integer({ min: 1, helpGroup: UNIFORM }),
  'dataset-name': Flags.string({ helpValue: 'NAME', helpGroup: REAL, description: 'a file (.parquet, .json, .jsonl, .csv), a folder of such, or a data set in the Hugging Face cache; nothing is fetched' }),
  'dataset-config-name': Flags.string({ helpGroup: REAL, description: 'of sets that have several' }),
  'dataset-split': Flags.string({ helpGroup: REAL, description: 'train, test...; not needed for a file' }),
  'dataset-input-key': Flags.string({ helpGroup: REAL, description: 'field with the text' }),
  'dataset-prompt-key': Flags.string({ helpGroup: REAL, description: 'field with what goes before it' }),
  'dataset-prompt': Flags.string({ helpGroup: REAL, description: 'the same for all' }),
  'dataset-output-key': Flags.string({ helpGroup: REAL, description: 'field whose text tells how long an output is' }),
  'output-len-dist': Flags.string({ helpValue: 'MEAN,STDEV', helpGroup: REAL, description: 'instead: normal' }),
  'max-input-len': Flags.integer({ min: 1, helpGroup: REAL, description: 'leave out longer prompts' }),
  'model-path': Flags.string({ hidden: true, description: 'as --tokenizer' }),
  workspace: Flags.string({ char: 'w', hidden: true, description: 'accepted: the file goes to --output' }),
  'trust-remote-code': Flags.boolean({ hidden: true, description: 'accepted; code of a model folder is never run' }),
  ...notYetFlags(PREPARE_NOT_YET),
};

type PrepareFlagValues = Interfaces.InferredFlags<typeof PREPARE_FLAGS>;
type Lengths = { mean: number; deviation: number } | { low: number; high: number };

/** Of prompts or outputs, by the law's flags. */
export function lengthsOf(side: 'input' | 'output', law: string, flags: Record<string, unknown>): Lengths {
  const value = (name: string): number => {
    const found = flags[`${side}-${name}`];
    if (typeof found !== 'number') throw badFlag(`${law}: needs --${side}-${name}`);
    return found;
  };
  if (law === 'token-norm-dist') return { mean: value('mean'), deviation: value('stdev') };
  const [low, high] = [value('min'), value('max')];
  if (low > high) throw badFlag(`--${side}-min ${low} is more than --${side}-max ${high}`);
  return { low, high };
}

export function realDataset(flags: PrepareFlagValues): RealDataset {
  if (flags['dataset-name'] === undefined) throw badFlag('real-dataset: needs --dataset-name');
  return {
    name: flags['dataset-name'],
    config: flags['dataset-config-name'],
    split: flags['dataset-split'],
    inputKey: flags['dataset-input-key'],
    prompt: flags['dataset-prompt'],
    promptKey: flags['dataset-prompt-key'],
    outputKey: flags['dataset-output-key'],
    outputLengths: flags['output-len-dist'] === undefined ? undefined : normalLengths(flags['output-len-dist']),
    maxInputLen: flags['max-input-len'],
    numRequests: flags['num-requests'],
    seed: flags['random-seed'],
  };
}

function normalLengths(text: string): Lengths {
  const found = /^(\d+),(\d+)$/.exec(text);
  if (found === null) throw badFlag(`--output-len-dist ${text}: expected MEAN,STDEV such as 100,10`);
  return { mean: Number(found[1]), deviation: Number(found[2]) };
}
