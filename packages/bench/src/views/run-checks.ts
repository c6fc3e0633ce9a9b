// What CI is told of a run: whether requests failed, and what makes the figures unusable.
import type { Check } from './content.js';
import type { RunView } from './run-view.js';

export function runChecks(run: RunView): Check[] {
  const suite = run.group === '' ? run.label : `${run.group} ${run.label}`;
  return [completion(run, suite)];
}

function completion({ file, failures }: RunView, suite: string): Check {
  const name = 'every request completes';
  const failed = file.failed ?? file.num_prompts - file.completed;
  const seconds = file.duration;
  if (failed <= 0 && file.completed > 0) return { suite, name, outcome: 'pass', seconds };
  const reasons = failures.map(({ outcome, reason, count }) => `${count} x ${outcome}: ${reason}`);
  return { suite, name, outcome: 'fail', seconds, message: [`${failed} of ${failed + file.completed} requests failed`, ...reasons].join('\n') };
}
