// trtllm tune: how each linear of an engine runs fastest on this machine, kept beside the engine for its worker.
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.js';
import { ENGINE_FLAGS } from '../engine-flags.js';
import { nativeDirectory } from '../native-directory.js';
import { inRange } from '../numbers.js';
import { progressLine } from '../progress-line.js';
import { stopSignal } from '../stop-signal.js';

export default class Tune extends BaseCommand {
  static override summary = 'Time the tactics of an engine on this machine';
  static override description = `Tactics are ways to run a linear that give the same bits at different speeds. The fastest go into ENGINE/timing-cache.json, which is read whenever the engine is loaded.
They are of one machine, number of threads and instruction set: run this where the engine serves, as it serves, with nothing else running.`;
  static override examples = ['<%= config.bin %> tune ./engine', '<%= config.bin %> tune ./engine --threads 8 --max_seconds 300 --output_timing_cache ./this-machine.json'];
  static override args = { engine: Args.string({ required: true, description: 'engine directory' }) };
  static override flags = {
    'max-seconds': Flags.string({ default: '60', description: 'what is not timed by then keeps its default' }),
    'input-timing-cache': Flags.string({ description: 'a timing cache beside the one of the engine: what is in it is not timed again; ignored if there is no such file', helpValue: 'FILE' }),
    'output-timing-cache': Flags.string({ description: "a copy of the engine's timing cache", helpValue: 'FILE' }),
    force: Flags.boolean({ description: "time all again, and replace the engine's timing cache", exclusive: ['input-timing-cache'] }),
    threads: ENGINE_FLAGS.threads,
    isa: ENGINE_FLAGS.isa,
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Tune);
    const [{ timeTactics }, { tacticProgressText, tacticsText }] = await Promise.all([import('@trtllm/engine-builder'), import('../tactics-text.js')]);
    const progress = progressLine(!this.jsonEnabled());
    const timings = await timeTactics({
      engine_dir: args.engine,
      input_timing_cache: flags['input-timing-cache'],
      output_timing_cache: flags['output-timing-cache'],
      max_seconds: inRange(flags['max-seconds'], '--max-seconds', 0.001, 86_400),
      force: flags.force,
      threads: flags.threads,
      isa: flags.isa,
      nativeDirectory: nativeDirectory(),
      onProgress: (done) => progress.update(tacticProgressText(done)),
      signal: stopSignal(),
    }).finally(progress.end);
    this.log(tacticsText(timings));
    return timings;
  }
}
