// What `trtllm bench throughput` and `latency` share: progress, the printed report, --json.
import type { StaticProgress } from '@trtllm/bench';
import { BaseCommand } from './base-command.js';
import { refuseNotYet } from './not-yet-flags.js';
import { progressLine } from './progress-line.js';
import { STATIC_NOT_YET } from './static-bench-flags.js';
import type { StaticBench } from './static-bench.js';
import { stopSignal } from './stop-signal.js';

export abstract class StaticBenchCommand extends BaseCommand {
  protected async runStatic(bench: StaticBench): Promise<unknown> {
    refuseNotYet(`bench ${bench.kind}`, STATIC_NOT_YET, bench.flags);
    const [{ runStaticBench }, { reportFiles, staticContent, staticText, writeReports }] = await Promise.all([import('./static-bench.js'), import('@trtllm/bench')]);
    const files = reportFiles(bench.flags.report, '--report');
    const line = progressLine(!this.jsonEnabled() && !bench.flags['print-iter-log']);
    const hooks = { announce: (text: string) => this.note(text), signal: stopSignal(), onProgress: (progress: StaticProgress) => line.update(progressText(progress)) };
    const { report, records, json } = await runStaticBench(bench, hooks).finally(line.end);
    this.log(staticText(report));
    writeReports(files, staticContent(report, records));
    return json;
  }
}

function progressText({ phase, done, total, output_tokens, elapsed_s }: StaticProgress): string {
  const speed = elapsed_s > 0 ? output_tokens / elapsed_s : 0;
  const left = done > 0 ? `, ${((elapsed_s / done) * (total - done)).toFixed(0)} s left` : '';
  return `${phase === 'warmup' ? 'warm-up: ' : ''}${done} of ${total} requests, ${speed.toFixed(1)} output tok/s${left}`;
}
