// trtllm bench report: stored results as one page, or as a table for other tools.
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.js';
import { badFlag } from '../numbers.js';

export default class BenchReport extends BaseCommand {
  static override summary = 'Draw a report of stored results';
  static override description = `Takes the files of trtllm bench --save-result, and those of vllm bench serve and benchmark_serving. Runs that differ in concurrency,
rate or length become points of a sweep, files of several directories several systems in the same charts. Distributions and time lines need the
requests: the .requests.jsonl beside our files, or --save-detailed.
The page is one file that loads nothing; it has a dark side, and prints.`;
  static override examples = [
    '<%= config.bin %> bench report results/*.json --output report.html',
    '<%= config.bin %> bench report ours/*.json theirs/*.json --output report.html --output report.csv',
  ];
  static override strict = false;
  static override args = { results: Args.string({ required: true, description: 'result files' }) };
  static override flags = {
    output: Flags.string({ char: 'o', multiple: true, multipleNonGreedy: true, required: true, helpValue: 'FILE', description: 'ends in .html, .md (GitHub), .csv or .xml (JUnit); may be repeated' }),
  };

  async run(): Promise<unknown> {
    const { argv, flags } = await this.parse(BenchReport);
    const { readRuns, reportFiles, runsContent, writeReports } = await import('@trtllm/bench');
    const files = reportFiles(flags.output, '--output');
    const [first, ...others] = readRuns(argv as string[]);
    if (!first) throw badFlag('no runs in the files given');
    writeReports(files, runsContent([first, ...others]));
    for (const { path } of files) this.log(path);
    return { runs: 1 + others.length, files: files.map(({ path }) => path) };
  }
}
