// trtllm inspect: what a checkpoint or engine directory holds.
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.js';

export default class Inspect extends BaseCommand {
  static override summary = 'Print what a checkpoint or an engine holds';
  static override examples = ['<%= config.bin %> inspect ./engine', '<%= config.bin %> inspect ./checkpoint --tensors'];
  static override args = { directory: Args.string({ required: true, description: 'checkpoint or engine directory' }) };
  static override flags = { tensors: Flags.boolean({ description: 'list every tensor' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Inspect);
    const [{ inspect }, { inspectText }] = await Promise.all([import('@trtllm/engine-builder'), import('../inspect-text.js')]);
    const summary = await inspect(args.directory);
    this.log(inspectText(summary, flags.tensors));
    return summary;
  }
}
