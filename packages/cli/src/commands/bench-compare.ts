// trtllm bench compare: two stored results side by side.
import { Args } from '@oclif/core';
import { BaseCommand } from '../base-command.js';
import { REPORT_FLAG } from '../report-flag.js';
import { badFlag } from '../numbers.js';

export default class BenchCompare extends BaseCommand {
  static override summary = 'Put two stored results side by side';
  static override description = `Takes the files of trtllm bench --save-result, and those of vllm bench serve and benchmark_serving.
What the machine did differently between the two runs is in every difference: to decide on a regression, measure both at once with trtllm bench ab.`;
  static override examples = ['<%= config.bin %> bench compare before.json after.json', '<%= config.bin %> bench compare before.json after.json --report changes.html'];
  static override args = { a: Args.string({ required: true, description: 'result file' }), b: Args.string({ required: true, description: 'result file' }) };
  static override flags = { report: REPORT_FLAG };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BenchCompare);
    const { compareResults, comparisonContent, formatComparison, readRuns, reportFiles, writeReports } = await import('@trtllm/bench');
    const files = reportFiles(flags.report, '--report');
    const [a, b, ...others] = readRuns([args.a, args.b]);
    if (!a || !b || others.length > 0) throw badFlag(`expected one run in each file; the two have ${2 + others.length}`);
    const comparison = compareResults(a.file, b.file);
    this.log(formatComparison(comparison));
    writeReports(files, comparisonContent(comparison, a, b));
    return comparison;
  }
}
