// What a reader should know of runs before quoting them; what several have to say in the same words is said once.
import type { ReportContent } from './content.js';
import { findingText } from './run-checks.js';
import type { RunView } from './run-view.js';

/** Why requests failed and what makes a run unbelievable, then the notes. */
export function notesOf(runs: readonly RunView[], labelOf = ({ label }: RunView): string => label): ReportContent['notes'] {
  const labels = new Map<string, string[]>();
  const add = (run: RunView, text: string): void => void labels.set(text, [...(labels.get(text) ?? []), labelOf(run)]);
  for (const run of runs) run.failures.forEach(({ outcome, reason, count }) => add(run, `${count} x ${outcome}: ${reason}`));
  for (const run of runs) run.file.trtllm?.verdict?.findings.forEach((finding) => add(run, findingText(finding)));
  const numFailures = labels.size;
  for (const run of runs) run.notes.forEach(({ text }) => add(run, text));
  return [...labels].map(([text, about], i) => ({ about: about.length === runs.length ? '' : about.join(', '), text, isBad: i < numFailures }));
}
