// What a reader must know before quoting a run. What makes it unbelievable is the verdict's.
import { hasOtherInput, isFrequent, isLong } from '../verdict/token-counts.js';
import type { BenchReport, Note } from './bench-report.js';

const COALESCING = 1.05;
const LATE_MS = 5;

export function notesOn(report: BenchReport): Note[] {
  const notes: Note[] = [];
  const note = (code: string, isTrue: boolean, text: string): void => {
    if (isTrue) notes.push({ code, text });
  };
  const ok = report.records.filter((record) => record.outcome === 'ok');
  const count = (test: (record: (typeof ok)[number]) => boolean): number => ok.filter(test).length;

  const unsent = report.planned - report.records.length;
  note('turns-unsent', unsent > 0 && !report.interrupted && !report.stopped, `${unsent} turns of conversations were not sent, since the turn before them failed`);
  note('interrupted', report.interrupted && report.cancelled === 0, `stopped after ${report.records.length} of ${report.planned} requests; the figures cover those that ended`);
  note('stopped', report.stopped !== undefined, `${report.stopped?.text}; ${report.records.length} of ${report.planned} requests were sent`);
  note('not-steady', report.steadyWindow?.isSteady === false, 'latency or throughput still changed half-way through: a longer run tells more');

  const mismatched = ok.filter(hasOtherInput);
  const [example] = mismatched;
  note(
    'input-mismatch',
    example !== undefined && !isFrequent(mismatched.length, ok.length),
    `${mismatched.length} of ${ok.length} prompts have another length at the server (for example planned ${example?.plannedInput}, ` +
      `counted ${example?.serverInput}): is --tokenizer the served model's?`,
  );
  const unchecked = count((record) => record.serverInput === undefined);
  note('input-unchecked', unchecked > 0, `the server did not tell prompt_tokens for ${unchecked} of ${ok.length} requests`);

  const short = count((record) => record.outputTokens < record.requestedOutput);
  const mend = report.options.ignoreEos ? '' : ' (--ignore-eos keeps them going where the server knows it)';
  note('short-output', short > 0, `${short} of ${ok.length} answers are shorter than asked for${mend}`);
  const long = count(isLong);
  note('long-output', long > 0 && !isFrequent(long, ok.length), `${long} of ${ok.length} answers are longer than asked for: does the server know the field for their length?`);
  const byText = count((record) => record.outputFrom === 'text');
  note('output-from-text', byText > 0, `no usage in ${byText} replies: output tokens are counted by tokenizing the text`);
  const byEvents = count((record) => record.outputFrom === 'events');
  note('output-from-events', byEvents > 0, `no usage in ${byEvents} replies and no tokenizer: one token an event is assumed`);
  const silent = count((record) => record.text === '' && record.outputTokens > 0);
  note('no-text', silent > 0, `${silent} of ${ok.length} answers carry no text: TTFT is that of the first event`);

  note(
    'coalescing',
    report.coalescing > COALESCING,
    `${report.coalescing.toFixed(2)} tokens arrive together: ITL shares each wait among them, ICL is the wait between reads`,
  );
  const lateness = report.latencies.queue?.percentiles.find(({ p }) => p === 99)?.value ?? 0;
  note(
    'late',
    report.options.requestRate !== Infinity && report.options.maxConcurrency !== undefined && lateness > LATE_MS,
    `requests waited for one of --max-concurrency up to ${lateness.toFixed(1)} ms (p99) after they were due, so load was below plan; goodput counts from the due time`,
  );
  return notes;
}
