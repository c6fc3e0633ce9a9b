// trtllm bench: measures any OpenAI server by URL, or the machine's own limits (--type roofline).
import { Flags } from '@oclif/core';
import type { BenchmarkType } from '@trtllm/bench';
import { TrtllmError } from '@trtllm/protocol';
import { BaseCommand } from '../base-command.js';
import { BENCH_FLAGS, benchInput } from '../bench-flags.js';
import { progressText } from '../bench-progress-text.js';
import { search, sweep, type SeriesOutput, type SeriesResult } from '../bench-series.js';
import { resumes, SEARCH_FLAGS, searchInput, sweptLevels } from '../bench-series-flags.js';
import { progressLine } from '../progress-line.js';
import { nativeDirectory } from '../native-directory.js';
import { stopSignal } from '../stop-signal.js';
import { inRange, words } from '../numbers.js';

const TYPES = ['throughput', 'prefill', 'decode', 'latency', 'concurrency', 'sharegpt'] as const satisfies readonly BenchmarkType[];

export default class Bench extends BaseCommand {
  static override summary = 'Measure an OpenAI server, or the limits of this machine';
  static override description = `Latencies are taken at the client: TTFT, TPOT, ITL, E2EL. Exits with 11 if any request failed.
The server may be any OpenAI server; prompts have exactly the wanted number of tokens by the served model's tokenizer.`;
  static override examples = [
    '<%= config.bin %> bench --base-url http://localhost:8000 --tokenizer ./engine --dataset-name random --random-input-len 128 --random-output-len 128 --num-prompts 96 --max-concurrency 16 --ignore-eos',
    '<%= config.bin %> bench --max-concurrency 1-64:x2 --tokenizer ./engine --random-input-len 128 --ignore-eos',
    '<%= config.bin %> bench --search rate --slo ttft:p99:500 tpot:p95:50 --tokenizer ./engine --random-input-len 128 --ignore-eos',
    '<%= config.bin %> bench --type throughput,prefill -H localhost -p 8000',
    '<%= config.bin %> bench --backend openai-chat --dataset-name sharegpt --dataset-path sharegpt.json --request-rate 4 --num-prompts 400 --num-warmups 20 --goodput ttft:200 tpot:30',
    '<%= config.bin %> bench --type roofline',
  ];
  static override flags = {
    type: Flags.string({
      default: 'online',
      helpValue: 'TYPE,...',
      description: `online: one run by the flags below; roofline: matrix rate and memory bandwidth of this machine; or some of ${TYPES.join(', ')}, or all: lengths and loads of the type`,
    }),
    threads: Flags.integer({ min: 1, description: 'roofline: threads [default: all cores]' }),
    seconds: Flags.string({ description: 'roofline: time to spend', default: '5' }),
    ...BENCH_FLAGS,
    ...SEARCH_FLAGS,
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Bench);
    if (flags.type !== 'online' && flags.type !== 'roofline') return this.types(typesOf(flags.type, flags['dataset-path']), flags);
    const searched = searchInput(flags);
    if (searched) return this.series((output) => search(searched, benchInput(flags), output, progressText), flags);
    const swept = sweptLevels(flags);
    const resume = resumes(flags, swept !== undefined);
    if (swept) return this.series((output) => sweep({ ...swept, resume }, benchInput({ ...flags, [FLAG_OF[swept.over]]: undefined }), output, progressText), flags);
    return flags.type === 'roofline' ? this.roofline(flags.threads, inRange(flags.seconds, '--seconds', 0.1, 600)) : this.online(flags);
  }

  private async roofline(threads: number | undefined, seconds: number): Promise<unknown> {
    const { formatRoofline, measureRoofline } = await import('@trtllm/bench');
    const roofline = await measureRoofline({ executable: `${nativeDirectory()}/trtllm-roofline`, threads, seconds, signal: stopSignal() });
    this.log(formatRoofline(roofline));
    return roofline;
  }

  private async types(types: BenchmarkType[], flags: Parameters<typeof benchInput>[0]): Promise<unknown> {
    const { formatTypes, reportFiles, reportJson, reportRuns, runTypes } = await import('@trtllm/bench');
    const files = reportFiles(flags.report, '--report');
    const line = progressLine(!flags['disable-tqdm'] && !this.jsonEnabled());
    let point = '';
    const results = await runTypes(types, benchInput(flags), {
      signal: stopSignal(),
      onPoint: (type, label, isAgain) => (point = `${type} ${label}${isAgain ? ', one at a time' : ''}`),
      onProgress: (progress) => line.update(`${point}: ${progressText(progress)}`),
    }).finally(line.end);
    this.log(formatTypes(results));
    reportRuns(files, results);
    const json = { points: results.map(({ type, label, wentOneByOne, report }) => ({ ...reportJson(report), type, label, went_one_by_one: wentOneByOne })) };
    const failed = results.reduce((sum, { report }) => sum + report.failed, 0);
    if (failed === 0) return json;
    if (this.jsonEnabled()) this.logJson(json);
    throw new TrtllmError('BENCH_FAILED_REQUESTS', `${failed} of ${results.reduce((sum, { report }) => sum + report.completed + report.failed, 0)} requests failed`);
  }

  private async series(run: (output: SeriesOutput) => Promise<SeriesResult>, flags: { 'disable-tqdm': boolean; report: string[] }): Promise<unknown> {
    const { reportFiles, reportRuns } = await import('@trtllm/bench');
    const files = reportFiles(flags.report, '--report');
    const line = progressLine(!flags['disable-tqdm'] && !this.jsonEnabled());
    const { json, runs, completed, failed } = await run({ log: (text) => (line.end(), this.log(text)), progress: line.update }).finally(line.end);
    reportRuns(files, runs);
    if (failed === 0) return json;
    if (this.jsonEnabled()) this.logJson(json);
    throw new TrtllmError('BENCH_FAILED_REQUESTS', `${failed} of ${completed + failed} requests failed`);
  }

  private async online(flags: Parameters<typeof benchInput>[0]): Promise<unknown> {
    const { formatReport, reportFiles, reportJson, reportRuns, runBenchmark } = await import('@trtllm/bench');
    const files = reportFiles(flags.report, '--report');
    const line = progressLine(!flags['disable-tqdm'] && !this.jsonEnabled());
    const report = await runBenchmark(benchInput(flags), { signal: stopSignal(), onProgress: (progress) => line.update(progressText(progress)) }).finally(line.end);
    this.log(formatReport(report));
    reportRuns(files, [{ label: flags.label ?? 'run', report }]);
    const lost = report.stopped?.rule === 'agent' ? `; ${report.stopped.text}` : '';
    if (report.failed > 0 || lost !== '') {
      if (this.jsonEnabled()) this.logJson(reportJson(report));
      throw new TrtllmError('BENCH_FAILED_REQUESTS', `${report.failed} of ${report.completed + report.failed} requests failed${lost}`);
    }
    return reportJson(report);
  }
}

const FLAG_OF = { rate: 'request-rate', concurrency: 'max-concurrency' } as const;

/** "all" leaves out sharegpt, whose file must be given. */
function typesOf(text: string, datasetPath: string | undefined): BenchmarkType[] {
  if (text === 'all') return TYPES.filter((type) => type !== 'sharegpt' || datasetPath !== undefined);
  return words(text, '--type', TYPES);
}
