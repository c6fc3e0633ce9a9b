// trtllm bench prepare-dataset: a dataset file for the static benchmarks, of random token ids or of a recorded data set.
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Args } from '@oclif/core';
import type { StaticRequest } from '@trtllm/bench';
import { TrtllmError } from '@trtllm/protocol';
import { BaseCommand } from '../base-command.js';
import { refuseNotYet } from '../not-yet-flags.js';
import { badFlag } from '../numbers.js';
import { lengthsOf, PREPARE_FLAGS, PREPARE_NOT_YET, realDataset } from '../prepare-dataset-flags.js';
import { modelTokenizer, vocabularyOf } from '../prepare-tokenizer.js';

export default class BenchPrepareDataset extends BaseCommand {
  static override summary = 'Write a dataset file, one JSON object a line: random token ids, or the texts of a recorded data set as ids';
  static override examples = [
    '<%= config.bin %> bench prepare-dataset --tokenizer ./engine --output dataset.jsonl token-norm-dist --num-requests 100 --input-mean 128 --input-stdev 0 --output-mean 128 --output-stdev 0',
    '<%= config.bin %> bench prepare-dataset --tokenizer ./engine --stdout token-unif-dist --num-requests 100 --input-min 16 --input-max 64 --output-min 16 --output-max 64',
    '<%= config.bin %> bench prepare-dataset --tokenizer ./engine real-dataset --dataset-name cnn_dailymail --dataset-config-name 3.0.0 --dataset-split validation --dataset-input-key article --dataset-prompt "Summarize:" --dataset-output-key highlights --num-requests 500',
  ];
  static override args = { source: Args.string({ required: true, options: ['token-norm-dist', 'token-unif-dist', 'real-dataset', 'dataset'], description: 'law of the lengths of random ids; or real-dataset, once called dataset' }) };
  static override flags = PREPARE_FLAGS;

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BenchPrepareDataset);
    refuseNotYet('bench prepare-dataset', PREPARE_NOT_YET, flags);
    const isRecorded = args.source === 'real-dataset' || args.source === 'dataset';
    const requests = isRecorded ? await this.recorded(flags) : await this.drawn(args.source, flags);
    const { datasetLines } = await import('@trtllm/bench');
    const target = flags.stdout ? process.stdout : createWriteStream(flags.output);
    await pipeline(Readable.from(datasetLines(requests)), target, { end: !flags.stdout }).catch((cause: Error) => {
      throw new TrtllmError('IO_ERROR', `${flags.stdout ? 'stdout' : `--output ${flags.output}`}: ${cause.message}`, { cause });
    });
    if (!flags.stdout) this.note(`${requests.length} requests in ${flags.output}`);
    return { num_requests: requests.length, output: flags.stdout ? null : flags.output };
  }

  private async drawn(law: string, flags: PrepareFlagValues): Promise<StaticRequest[]> {
    const count = flags['num-requests'];
    if (count === undefined) throw badFlag(`${law}: needs --num-requests`);
    const { syntheticRequests } = await import('@trtllm/bench');
    return syntheticRequests({ count, input: lengthsOf('input', law, flags), output: lengthsOf('output', law, flags), seed: flags['random-seed'], ...(await vocabularyOf(flags)) });
  }

  private async recorded(flags: PrepareFlagValues): Promise<StaticRequest[]> {
    const { realRequests } = await import('@trtllm/bench');
    const set = realDataset(flags);
    const tokenizer = await modelTokenizer(flags);
    const { requests, tooLong } = await realRequests(set, (text) => tokenizer.encode(text, { addSpecialTokens: true }));
    if (tooLong > 0) this.note(`${tooLong} prompts are longer than --max-input-len ${flags['max-input-len']} and were left out`);
    if (requests.length < (set.numRequests ?? 0)) this.note(`the data set has ${requests.length} of the ${set.numRequests} requests asked for`);
    return requests;
  }
}

type PrepareFlagValues = Parameters<typeof realDataset>[0];
