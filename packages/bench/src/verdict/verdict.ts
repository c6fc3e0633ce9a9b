// Is the run to be believed? Every fault is looked for; one is enough.
import { cacheHits } from './cache-hits.js';
import { clientStarved } from './client-starved.js';
import { clockTrouble } from './clock-trouble.js';
import { coldStart } from './cold-start.js';
import { cutTail } from './cut-tail.js';
import type { Evidence } from './evidence.js';
import { failedRequests } from './failed-requests.js';
import { FAULTS, type Verdict } from './finding.js';
import { saturated } from './saturated.js';
import { tokenCounts } from './token-counts.js';

const LOOK_FOR = [clientStarved, saturated, cacheHits, coldStart, tokenCounts, cutTail, failedRequests, clockTrouble];

export function verdictOn(evidence: Evidence): Verdict {
  const findings = LOOK_FOR.map((lookFor) => lookFor(evidence)).filter((finding) => finding !== undefined);
  return { believable: findings.length === 0, findings };
}

/** One line, however long. */
export function verdictLine({ believable, findings }: Verdict): string {
  if (believable) return 'Verdict: believable';
  return `Verdict: NOT believable: ${findings.map(({ fault, evidence, mend }) => `${FAULTS[fault]} (${evidence}): ${mend}`).join('. ')}`;
}
