// trtllm bench prepare-dataset: a dataset file of random token ids for the static benchmarks.
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Args, Flags } from '@oclif/core';
import { TrtllmError } from '@trtllm/protocol';
import { BaseCommand } from '../base-command.js';
import { notYetFlags, refuseNotYet, type NotYet } from '../not-yet-flags.js';
import { badFlag } from '../numbers.js';

const NORMAL = 'TOKEN-NORM-DIST';
const UNIFORM = 'TOKEN-UNIF-DIST';
/** Of LoRA adapters, and of trtllm-bench's own group. */
const NOT_YET: NotYet = { 'task-id': ['-1'], 'rand-task-id': [], 'lora-dir': [], revision: [] };

export default class BenchPrepareDataset extends BaseCommand {
  static override summary = 'Write a dataset of random token ids, one JSON object a line';
  static override examples = [
    '<%= config.bin %> bench prepare-dataset --tokenizer ./engine --output dataset.jsonl token-norm-dist --num-requests 100 --input-mean 128 --input-stdev 0 --output-mean 128 --output-stdev 0',
    '<%= config.bin %> bench prepare-dataset --tokenizer ./engine --stdout token-unif-dist --num-requests 100 --input-min 16 --input-max 64 --output-min 16 --output-max 64',
  ];
  static override args = { lengths: Args.string({ required: true, options: ['token-norm-dist', 'token-unif-dist'], description: 'law of the lengths' }) };
  static override flags = {
    model: Flags.string({ char: 'm', hidden: true, description: 'as --tokenizer' }),
    tokenizer: Flags.string({ description: 'engine or tokenizer directory, or its name in the Hugging Face cache, for its vocabulary', helpValue: 'DIR' }),
    'vocab-size': Flags.integer({ min: 2, description: 'instead of a tokenizer' }),
    output: Flags.string({ default: 'preprocessed_dataset.json', helpValue: 'FILE' }),
    stdout: Flags.boolean({ description: 'write to stdout' }),
    'random-seed': Flags.integer({ default: 420, min: 0 }),
    'num-requests': Flags.integer({ required: true, min: 1 }),
    'input-mean': Flags.integer({ min: 1, helpGroup: NORMAL }),
    'input-stdev': Flags.integer({ min: 0, helpGroup: NORMAL }),
    'output-mean': Flags.integer({ min: 1, helpGroup: NORMAL }),
    'output-stdev': Flags.integer({ min: 0, helpGroup: NORMAL }),
    'input-min': Flags.integer({ min: 1, helpGroup: UNIFORM }),
    'input-max': Flags.integer({ min: 1, helpGroup: UNIFORM }),
    'output-min': Flags.integer({ min: 1, helpGroup: UNIFORM }),
    'output-max': Flags.integer({ min: 1, helpGroup: UNIFORM }),
    'model-path': Flags.string({ hidden: true, description: 'as --tokenizer' }),
    workspace: Flags.string({ char: 'w', hidden: true, description: 'accepted: the file goes to --output' }),
    'trust-remote-code': Flags.boolean({ hidden: true, description: 'accepted; code of a model folder is never run' }),
    ...notYetFlags(NOT_YET),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BenchPrepareDataset);
    refuseNotYet('bench prepare-dataset', NOT_YET, flags);
    const { datasetLines, syntheticRequests } = await import('@trtllm/bench');
    const vocabulary = await this.vocabulary(flags['vocab-size'], flags.tokenizer ?? flags['model-path'] ?? flags.model);
    const requests = syntheticRequests({ count: flags['num-requests'], input: lengthsOf('input', args.lengths, flags), output: lengthsOf('output', args.lengths, flags), seed: flags['random-seed'], ...vocabulary });
    const target = flags.stdout ? process.stdout : createWriteStream(flags.output);
    await pipeline(Readable.from(datasetLines(requests)), target, { end: !flags.stdout }).catch((cause: Error) => {
      throw new TrtllmError('IO_ERROR', `${flags.stdout ? 'stdout' : `--output ${flags.output}`}: ${cause.message}`, { cause });
    });
    if (!flags.stdout) this.note(`${requests.length} requests in ${flags.output}`);
    return { num_requests: requests.length, output: flags.stdout ? null : flags.output };
  }

  private async vocabulary(size: number | undefined, directory: string | undefined): Promise<{ vocab_size: number; excluded_ids: number[] }> {
    if (size !== undefined) return { vocab_size: size, excluded_ids: [] };
    if (directory === undefined) throw badFlag('prepare-dataset: give --tokenizer DIR (an engine has one), or --vocab-size N');
    const [{ loadTokenizer }, { tokenizerFolder }] = await Promise.all([import('@trtllm/text'), import('@trtllm/bench')]);
    const folder = tokenizerFolder(directory);
    const tokenizer = folder === undefined ? undefined : await loadTokenizer(folder);
    if (!tokenizer) throw badFlag(`--tokenizer ${directory}: there is no tokenizer in it; give --vocab-size N`);
    return { vocab_size: tokenizer.vocabSize, excluded_ids: Array.from({ length: tokenizer.vocabSize }, (_, id) => id).filter((id) => tokenizer.isSpecial(id)) };
  }
}

type Lengths = { mean: number; deviation: number } | { low: number; high: number };

function lengthsOf(side: 'input' | 'output', law: string, flags: Record<string, unknown>): Lengths {
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
