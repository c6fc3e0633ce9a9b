// trtllm bench ab: is one server worse than another? Interleaved blocks, and a test that stops as soon as it knows.
import { Flags } from '@oclif/core';
import type { AaConditions, AbMetric, AbResult, Calibration, CompareHooks, Side } from '@trtllm/bench';
import { lossText, nameOf, verdictText } from '../ab-text.js';
import { BaseCommand } from '../base-command.js';
import { LOAD_FLAGS, loadInput } from '../bench-flags.js';
import { REPORT_FLAG } from '../report-flag.js';
import { badFlag, inRange, share } from '../numbers.js';
import { progressLine } from '../progress-line.js';
import { stopSignal } from '../stop-signal.js';

const METRICS = ['output_throughput', 'request_throughput', 'ttft', 'tpot', 'itl', 'e2el'] as const satisfies readonly AbMetric[];
const EXIT = { pass: 0, fail: 1, undecided: 2 } as const;

export default class BenchAb extends BaseCommand {
  static override summary = 'Compare two servers: baseline --a, candidate --b';
  static override description = `Blocks of the same requests go to both servers by turns, pair by pair, after one uncounted block each. A sequential test looks after
every pair and stops as soon as it knows. Both servers stay up; only one works at a time. Those given as commands
are started before, waited for, and stopped after it.
Exits with 0 if there is no regression, with 1 if there is one, with 2 if it could not be decided: the last line then begins with "undecided" (a refused
flag exits with 2 as well).`;
  static override examples = [
    '<%= config.bin %> bench ab --a http://localhost:8000 --b http://localhost:8001 --tokenizer ./engine --random-input-len 128 --random-output-len 64 --num-prompts 64 --max-concurrency 8 --ignore-eos',
    '<%= config.bin %> bench ab --a-command "./base/bin/trtllm serve ./engine --port {port}" --b-command "./new/bin/trtllm serve ./engine --port {port}" --tokenizer ./engine …',
    '<%= config.bin %> bench ab --a http://localhost:8000 --b http://localhost:8001 --metric tpot --threshold 5% …',
  ];
  static override flags = {
    a: Flags.string({ description: 'base URL of the baseline', helpValue: 'URL' }),
    b: Flags.string({ description: 'base URL of the candidate', helpValue: 'URL' }),
    'a-command': Flags.string({ description: 'starts the baseline; {port} in it is a free port, or --a says where it listens', helpValue: 'COMMAND' }),
    'b-command': Flags.string({ description: 'starts the candidate', helpValue: 'COMMAND' }),
    'log-dir': Flags.string({ default: '.', description: 'where server-a.log and server-b.log of started servers go', helpValue: 'DIR' }),
    'start-timeout': Flags.string({ default: '600', description: 'seconds until a started server must answer at /health' }),
    metric: Flags.option({ options: METRICS, default: 'output_throughput' as const, description: 'what decides; latencies are medians' })(),
    threshold: Flags.string({ default: '3%', description: 'smallest loss that matters' }),
    'max-pairs': Flags.integer({ min: 6, description: 'undecided after so many [default: 100]' }),
    alpha: Flags.string({ description: 'nominal rate of false alarms [default: 0.005]' }),
    confirm: Flags.boolean({ description: 'a regression has to be found twice: a second test of fresh pairs decides; rarer false alarms, and somewhat more that is missed' }),
    aa: Flags.boolean({ description: 'both are the same build: the trial is added to --aa-store, and exit is 1 if its trials raise more false alarms than chance allows' }),
    'aa-store': Flags.string({ helpValue: 'FILE', description: 'trials of builds against themselves, JSON lines: says how noisy this machine is with these settings, and what can be decided' }),
    report: REPORT_FLAG,
    ...LOAD_FLAGS,
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BenchAb);
    if (flags.aa && flags['aa-store'] === undefined) throw badFlag('--aa: needs --aa-store FILE, where the trial goes');
    const { abContent, compareServers, DEFAULT_SEQUENTIAL, reportFiles, withServers, writeReports } = await import('@trtllm/bench');
    const files = reportFiles(flags.report, '--report');
    const line = progressLine(!flags['disable-tqdm'] && !this.jsonEnabled());
    const input = {
      metric: flags.metric,
      sequential: {
        ...DEFAULT_SEQUENTIAL,
        threshold: share(flags.threshold, '--threshold'),
        ...(flags.alpha !== undefined && { alpha: inRange(flags.alpha, '--alpha', 1e-6, 0.5) }),
        ...(flags['max-pairs'] !== undefined && { maxPairs: flags['max-pairs'] }),
      },
      confirm: flags.confirm && !flags.aa,
      block: loadInput(flags),
    };
    const signal = stopSignal();
    const hooks: CompareHooks = {
      signal,
      onBlock: (side, pair) => line.update(`${pair < 0 ? 'warm-up' : `pair ${pair + 1}`}: ${nameOf(side)}`),
      onPair: (pair, soFar) => this.note(`pair ${soFar.pairs.length}: a ${pair.a.toFixed(2)}, b ${pair.b.toFixed(2)}; b is ${lossText(soFar)}`),
      onConfirm: (first) => this.note(`regression found (${lossText(first)} over ${first.pairs.length} pairs): a second test of fresh pairs`),
    };
    const servers = {
      logDir: flags['log-dir'],
      startTimeoutMs: 1000 * inRange(flags['start-timeout'], '--start-timeout', 0.1),
      signal,
      onStart: (side: Side, logPath: string) => this.note(`starting ${nameOf(side)}, log in ${logPath}`),
    };
    const targets = { a: { url: flags.a, command: flags['a-command'] }, b: { url: flags.b, command: flags['b-command'] } };
    const result = await withServers(targets, servers, (urls) => compareServers({ ...input, urls }, hooks)).finally(line.end);
    const verdictLine = verdictText(result, flags.metric, flags.threshold);
    const calibration = await this.calibrate(flags, input, result);
    this.log(verdictLine);
    const names = { a: flags.a ?? flags['a-command']!, b: flags.b ?? flags['b-command']! };
    writeReports(files, abContent(result, { names, metric: flags.metric, threshold: input.sequential.threshold, verdictLine }));
    process.exitCode = flags.aa ? Number(calibration?.isTooAlarming) : EXIT[result.verdict];
    return { metric: flags.metric, threshold: input.sequential.threshold, ...result, calibration };
  }

  /** What the trials so far say, this one among them if it is one. */
  private async calibrate(flags: { aa: boolean; 'aa-store'?: string | undefined }, input: AaConditions, result: AbResult): Promise<Calibration | undefined> {
    const path = flags['aa-store'];
    if (path === undefined) return undefined;
    const { aaTrial, addTrial, calibrationOf, calibrationText, readTrials } = await import('@trtllm/bench');
    const before = readTrials(path, input);
    const added = flags.aa ? [aaTrial(result, input, new Date())] : [];
    for (const trial of added) addTrial(path, trial);
    const calibration = calibrationOf([...before, ...added], input);
    this.log(calibrationText(calibration, input.sequential));
    return calibration;
  }
}
