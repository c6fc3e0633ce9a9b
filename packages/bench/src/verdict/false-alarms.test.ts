import { expect, test } from 'vitest';
import { simulatedRun } from '../test-support/simulated-runs.js';
import type { Fault } from './finding.js';
import { verdictOn } from './verdict.js';

// tools/simulate-verdicts.mjs asks for more, with other seeds: 0.1 to 0.3 % are doubted.
const RUNS = Number(process.env['TRTLLM_SIMULATED_RUNS'] ?? 300);
const SEED = Number(process.env['TRTLLM_SIMULATION_SEED'] ?? 1);

test(`of ${RUNS} simulated runs with nothing wrong one in a hundred is doubted at most`, { timeout: 60_000 + 200 * RUNS }, () => {
  const counts: Partial<Record<Fault | 'doubted', number>> = { doubted: 0 };
  for (let run = 0; run < RUNS; run++) {
    const { believable, findings } = verdictOn(simulatedRun(SEED, run));
    for (const fault of [...findings.map((finding) => finding.fault), ...(believable ? [] : (['doubted'] as const))]) counts[fault] = (counts[fault] ?? 0) + 1;
  }
  console.log(`${RUNS} runs: ${Object.entries(counts).map(([fault, count]) => `${fault} ${count} (${((100 * count) / RUNS).toFixed(2)} %)`).join(', ')}`);
  expect(counts.doubted).toBeLessThanOrEqual(RUNS / 100);
});

// Fewer requests show it less: with 100 the load must be about twice what the server can do.
test('of 40 simulated runs that ask for half more than the server can do, with 1,000 requests, 38 are named', () => {
  const overload = { load: 'open', concurrency: undefined, count: 1000, utilization: 1.5, server: { slots: 4, isBatched: false, isStream: true } } as const;
  const named = Array.from({ length: 40 }, (_, run) => verdictOn(simulatedRun(SEED, run, overload)).findings.some(({ fault }) => fault === 'saturated'));
  expect(named.filter(Boolean).length).toBeGreaterThanOrEqual(38);
});
