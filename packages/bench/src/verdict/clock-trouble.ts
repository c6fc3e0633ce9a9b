// Times that cannot be: before what caused them, or on a clock that went another way than the wall's.
import type { RequestRecord } from '../client/request-record.js';
import { durationMs } from '../report/throughput.js';
import type { Evidence } from './evidence.js';
import { countOf, ms, type Finding } from './finding.js';

// Above what NTP slews by (500 ppm) and what reading two clocks apart costs on a busy machine.
const DRIFT_SHARE = 0.001;
const DRIFT_MS = 100;
const EARLY_MS = 2;

export function clockTrouble({ records, client }: Evidence): Finding | undefined {
  const signs: string[] = [];
  const backwards = records.filter(({ outcome, timeline }) => outcome === 'ok' && runsBackwards(timeline)).length;
  if (backwards > 0) signs.push(`${countOf(backwards, records.length)} requests have a time before the one that it follows`);
  const limit = DRIFT_MS + DRIFT_SHARE * durationMs(records);
  for (const { wallDrift, address } of [{ ...client, address: undefined }, ...(client.agents ?? [])]) {
    if (Math.abs(wallDrift) <= limit) continue;
    signs.push(`${address === undefined ? 'the wall clock' : `the wall clock of agent ${address}`} went ${ms(Math.abs(wallDrift))} ${wallDrift > 0 ? 'ahead of' : 'behind'} the monotonic one`);
  }
  if (signs.length === 0) return undefined;
  return { fault: 'clock-trouble', evidence: signs.join('; '), mend: 'run where the clock is steady: no suspend, no migration, time in step before the run' };
}

function runsBackwards({ scheduled, sent, stamps, done }: RequestRecord['timeline']): boolean {
  const times = [sent, ...stamps, done];
  return scheduled - sent > EARLY_MS || times.some((at, i) => !Number.isFinite(at) || at < (times[i - 1] ?? -Infinity));
}
