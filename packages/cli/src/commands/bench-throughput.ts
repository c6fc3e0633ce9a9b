// trtllm bench throughput: an engine without a server, many requests in flight.
import { Flags } from '@oclif/core';
import { StaticBenchCommand } from '../static-bench-command.js';
import { STATIC_FLAGS } from '../static-bench-flags.js';

export default class BenchThroughput extends StaticBenchCommand {
  static override summary = 'Measure an engine without a server: as many requests in flight as it takes';
  static override description = "Requests go straight to the engine; the report is trtllm-bench's, with each speed beside the machine's limit. Outputs have exactly their length, and no request reuses another's prefix.";
  static override examples = [
    '<%= config.bin %> bench throughput --engine-dir ./engine --dataset dataset.jsonl --concurrency 16 --streaming',
    '<%= config.bin %> bench throughput --model ./checkpoint --dataset-type synthetic --num-requests 100',
  ];
  static override flags = {
    ...STATIC_FLAGS,
    streaming: Flags.boolean({ description: 'report time to first token and time per output token too' }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BenchThroughput);
    return this.runStatic({ kind: 'throughput', flags, concurrency: Math.max(0, flags.concurrency ?? 0), warmup: flags.warmup ?? 2, streaming: flags.streaming });
  }
}
