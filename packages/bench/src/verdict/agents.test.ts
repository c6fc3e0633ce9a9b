// What agents say of themselves reaches the verdict, each by its own name: the sum of two machines hides the one that was starved.
import { expect, test } from 'vitest';
import { ClientHealth, type AgentFacts } from '../client/client-health.js';
import type { RequestRecord } from '../client/request-record.js';
import type { Finding } from './finding.js';
import { verdictOn } from './verdict.js';

const DURATION_MS = 10_000;
const NUM_RECORDS = 100;
const RECORDS = Array.from({ length: NUM_RECORDS }, (_, index): RequestRecord => {
  const sent = (index * DURATION_MS) / NUM_RECORDS;
  const done = index === NUM_RECORDS - 1 ? DURATION_MS : sent + 50;
  return { index, outcome: 'ok', timeline: { scheduled: sent, sent, stamps: [sent + 40, done], tokens: [1, 1], done }, plannedInput: 8, serverInput: 8, requestedOutput: 2, outputTokens: 2, outputFrom: 'usage', text: 'ab' };
});
const WELL: AgentFacts = { address: 'a:1', cpuS: 1, loopLags: Array.from({ length: 500 }, () => 0.1), sendLags: Array.from({ length: 50 }, () => 0.1), wallDrift: 0 };

function findingsOn(...agents: AgentFacts[]): Finding[] {
  const health = new ClientHealth();
  // Those of a warm-up are forgotten.
  health.joined([{ ...WELL, cpuS: 100 }]);
  health.restart(0);
  health.joined(agents);
  const client = health.end();
  const load = { load: 'open', ignoreEos: true, expectsCacheHits: true, isChat: false, planned: NUM_RECORDS, interrupted: false } as const;
  return verdictOn({ ...load, records: RECORDS, repeats: new Map(), client, clientCpu: (1000 * client.cpuS) / DURATION_MS }).findings;
}

const named = (fault: string, evidence: string): unknown[] => [expect.objectContaining({ fault, evidence: expect.stringMatching(evidence) })];

test('agents that were well', () => {
  expect(findingsOn(WELL, { ...WELL, address: 'b:2' })).toEqual([]);
});

test.each<[string, Partial<AgentFacts>, unknown[]]>([
  ['without CPU to spare', { cpuS: 9.5 }, named('client-starved', '^agent b:2: 95 % of a core used$')],
  ['that sent late', { sendLags: Array.from({ length: 50 }, () => 30) }, named('client-starved', '^agent b:2: send lag p99 30')],
  ['whose loop was late', { loopLags: Array.from({ length: 500 }, () => 30) }, named('client-starved', '^agent b:2: event loop late p99 30')],
  ['whose wall clock was set', { wallDrift: -5000 }, named('clock-trouble', '^the wall clock of agent b:2 went .* behind')],
])('one agent %s is named', (_, facts, expected) => {
  expect(findingsOn(WELL, { ...WELL, ...facts, address: 'b:2' })).toEqual(expected);
});
