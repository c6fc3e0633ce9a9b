// What CI is told of a run: whether requests failed, and whether its figures can be believed.
import { FAULTS, type Fault } from '../verdict/finding.js';
import type { Check } from './content.js';
import type { RunView } from './run-view.js';

export function runChecks(run: RunView): Check[] {
  const suite = run.group === '' ? run.label : `${run.group} ${run.label}`;
  return [completion(run, suite), ...belief(run, suite)];
}

function completion({ file, failures }: RunView, suite: string): Check {
  const name = 'every request completes';
  const failed = file.failed ?? file.num_prompts - file.completed;
  const seconds = file.duration;
  if (failed <= 0 && file.completed > 0) return { suite, name, outcome: 'pass', seconds };
  const reasons = failures.map(({ outcome, reason, count }) => `${count} x ${outcome}: ${reason}`);
  return { suite, name, outcome: 'fail', seconds, message: [`${failed} of ${failed + file.completed} requests failed`, ...reasons].join('\n') };
}

/** A file without a verdict has no such case. */
function belief(run: RunView, suite: string): Check[] {
  const { verdict } = run.file.trtllm ?? {};
  if (verdict === undefined) return [];
  const message = verdict.findings.map(findingText).join('\n');
  return [{ suite, name: 'the run is believable', outcome: verdict.believable ? 'pass' : 'fail', message }];
}

/** A file of a newer version may know other faults. */
export function findingText({ fault, evidence, mend }: { fault: string; evidence: string; mend: string }): string {
  return `${Object.hasOwn(FAULTS, fault) ? FAULTS[fault as Fault] : fault} (${evidence}): ${mend}`;
}
