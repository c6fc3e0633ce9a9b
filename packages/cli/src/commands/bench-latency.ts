// trtllm bench latency: an engine without a server, one request at a time.
import { StaticBenchCommand } from '../static-bench-command.js';
import { STATIC_FLAGS } from '../static-bench-flags.js';

export default class BenchLatency extends StaticBenchCommand {
  static override summary = 'Measure an engine without a server: one request at a time';
  static override description = "Prefill and decode each stand beside the machine's limit: arithmetic or memory, whichever is longer.";
  static override examples = ['<%= config.bin %> bench latency --engine-dir ./engine --dataset-type synthetic --num-requests 10 --target-input-len 512 --target-output-len 64'];
  static override flags = STATIC_FLAGS;

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BenchLatency);
    return this.runStatic({ kind: 'latency', flags, concurrency: Math.max(0, flags.concurrency ?? 1), warmup: flags.warmup ?? 10, streaming: true });
  }
}
