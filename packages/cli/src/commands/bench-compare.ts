// trtllm bench compare: two stored results side by side.
import { readFile } from 'node:fs/promises';
import { Args } from '@oclif/core';
import { TrtllmError } from '@trtllm/protocol';
import { BaseCommand } from '../base-command.js';

export default class BenchCompare extends BaseCommand {
  static override summary = 'Put two stored results side by side';
  static override description = `Takes the files of trtllm bench --save-result, and those of vllm bench serve and benchmark_serving.
What the machine did differently between the two runs is in every difference: to decide on a regression, measure both at once with trtllm bench ab.`;
  static override examples = ['<%= config.bin %> bench compare before.json after.json'];
  static override args = { a: Args.string({ required: true, description: 'result file' }), b: Args.string({ required: true, description: 'result file' }) };

  async run(): Promise<unknown> {
    const { args } = await this.parse(BenchCompare);
    const { compareResults, formatComparison } = await import('@trtllm/bench');
    const comparison = compareResults(await readJson(args.a), await readJson(args.b));
    this.log(formatComparison(comparison));
    return comparison;
  }
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new TrtllmError('BAD_FLAG', `cannot read ${path}: ${cause.message}`, { cause });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TrtllmError('BAD_FLAG', `${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
