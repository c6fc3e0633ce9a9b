// trtllm bench gate: a verdict on stored results.
import { Flags } from '@oclif/core';
import type { AbMetric } from '@trtllm/bench';
import { BaseCommand } from '../base-command.js';
import { REPORT_FLAG } from '../report-flag.js';
import { inRange, share } from '../numbers.js';

const METRICS = ['output_throughput', 'request_throughput', 'ttft', 'tpot', 'itl', 'e2el'] as const satisfies readonly AbMetric[];
const EXIT = { pass: 0, fail: 1, undecided: 2 } as const;

export default class BenchGate extends BaseCommand {
  static override summary = 'Decide whether stored results are worse than a stored baseline';
  static override description = `Takes the files of trtllm bench --save-result, and those of vllm bench serve and benchmark_serving. Several files a side are runs of the same;
of one a side the requests must be there (--save-detailed, or .requests.jsonl beside it), and what the machine did differently between the two is not seen: trtllm bench ab measures both by turns.
Exits with 0 if there is no regression, with 1 if there is one, with 2 if it cannot be decided: the last line then begins with "undecided" (a refused
flag or file exits with 2 as well).`;
  static override examples = [
    '<%= config.bin %> bench gate --baseline main-1.json main-2.json main-3.json --candidate new-1.json new-2.json new-3.json --threshold 3%',
    '<%= config.bin %> bench gate --baseline main.json --candidate new.json --metric tpot --json',
  ];
  static override flags = {
    baseline: Flags.string({ required: true, multiple: true, description: 'result files, runs of the same', helpValue: 'FILE' }),
    candidate: Flags.string({ required: true, multiple: true, description: 'result files, runs of the same', helpValue: 'FILE' }),
    metric: Flags.option({ options: METRICS, default: 'output_throughput' as const, description: 'what decides; latencies are medians' })(),
    threshold: Flags.string({ default: '3%', description: 'smallest loss that matters' }),
    alpha: Flags.string({ default: '0.01', description: 'rate of false alarms, and of losses of the threshold that pass' }),
    report: REPORT_FLAG,
    force: Flags.boolean({ description: 'compare runs that failed requests, are not believable, had other settings or another machine all the same' }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BenchGate);
    const { formatGate, gateContent, gateRuns, readRuns, reportFiles, storedRun, writeReports } = await import('@trtllm/bench');
    const files = reportFiles(flags.report, '--report');
    const threshold = share(flags.threshold, '--threshold');
    const options = { metric: flags.metric, threshold, alpha: inRange(flags.alpha, '--alpha', 1e-6, 0.25), force: flags.force };
    const result = gateRuns(readRuns(flags.baseline).map(storedRun), readRuns(flags.candidate).map(storedRun), options);
    this.log(formatGate(result, threshold));
    writeReports(files, gateContent(result, threshold));
    process.exitCode = EXIT[result.verdict];
    return { metric: flags.metric, threshold, ...result };
  }
}
