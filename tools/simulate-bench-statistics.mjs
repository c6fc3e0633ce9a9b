// How often the benchmark's statistics are right, on simulated runs: false alarms and power of the sequential test and of the gate on stored
// runs, and the coverage of intervals when neighbours are alike. Usage: node tools/simulate-bench-statistics.mjs [TRIALS of the test, 4000: seconds]
// [TRIALS of the intervals, 1000: seconds]
import { createRequire } from 'node:module';
import { DEFAULT_GATE, gateRuns } from '../packages/bench/dist/compare/gate.js';
import { decide } from '../packages/bench/dist/compare/sequential-test.js';
import { storedRun } from '../packages/bench/dist/compare/stored-run.js';
import { meanInterval } from '../packages/bench/dist/statistics/mean-interval.js';
import { percentileInterval } from '../packages/bench/dist/statistics/percentile-interval.js';

const seedrandom = createRequire(new URL('../packages/bench/package.json', import.meta.url))('seedrandom');
const TEST_TRIALS = Number(process.argv[2] ?? 4000);
const INTERVAL_TRIALS = Number(process.argv[3] ?? 1000);
const random = seedrandom('simulate');
const normalOf = (random) => () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const normal = normalOf(random);
const percent = (count, of) => `${((100 * count) / of).toFixed(2)} %`;

/** ln of how many times worse b is; each block is off by `noise` on its own. */
const difference = (loss, noise) => Math.log1p(loss) + noise * (normal() - normal());

function trials(loss, noise) {
  const counts = { pass: 0, fail: 0, undecided: 0, pairs: 0 };
  for (let trial = 0; trial < TEST_TRIALS; ++trial) {
    const differences = [];
    let decision;
    do {
      differences.push(difference(loss, noise));
      decision = decide(differences);
    } while (!decision.isFinal);
    counts[decision.verdict] += 1;
    counts.pairs += differences.length;
  }
  return counts;
}

console.log(`sequential test as bench ab has it, ${TEST_TRIALS} trials a cell, threshold 3 %`);
for (const noise of [0.01, 0.02, 0.03, 0.05]) {
  for (const loss of [0, 0.03, 0.1, 0.68, -0.3]) {
    const { pass, fail, undecided, pairs } = trials(loss, noise);
    console.log(`noise of a block ${100 * noise} %, loss ${100 * loss} %: fail ${percent(fail, TEST_TRIALS)}, pass ${percent(pass, TEST_TRIALS)}, undecided ${percent(undecided, TEST_TRIALS)}; ${(pairs / TEST_TRIALS).toFixed(1)} pairs`);
  }
}

console.log(`gate on stored runs, ${TEST_TRIALS} trials a cell, threshold 3 %`);
for (const [runs, noise] of [[3, 0.005], [5, 0.01], [10, 0.015], [20, 0.02]]) {
  for (const loss of [0, 0.03]) {
    const counts = { pass: 0, fail: 0, undecided: 0 };
    const side = (worse) => Array.from({ length: runs }, (_, i) => storedRun({ label: `${i}`, latencies: {}, file: { completed: 1, failed: 0, output_throughput: (100 / (1 + worse)) * Math.exp(noise * normal()) } }));
    for (let trial = 0; trial < TEST_TRIALS; ++trial) counts[gateRuns(side(0), side(loss), DEFAULT_GATE).verdict] += 1;
    const { pass, fail, undecided } = counts;
    console.log(`${runs} runs a side, noise of a run ${100 * noise} %, loss ${100 * loss} %: fail ${percent(fail, TEST_TRIALS)}, pass ${percent(pass, TEST_TRIALS)}, undecided ${percent(undecided, TEST_TRIALS)}`);
  }
}

/** Each sample standard normal by itself: what is true is known. */
const FIGURES = {
  p50: { truth: 0, interval: (samples) => percentileInterval(samples, 50) },
  p90: { truth: 1.2815515655446004, interval: (samples) => percentileInterval(samples, 90) },
  p95: { truth: 1.6448536269514722, interval: (samples) => percentileInterval(samples, 95) },
  mean: { truth: 0, interval: (samples) => meanInterval(samples) },
};
console.log(`coverage of 95 % intervals, runs of 600 samples, ${INTERVAL_TRIALS} trials a cell; where a run allows none, it does not count`);
for (const rho of [0, 0.5, 0.8]) {
  const normal = normalOf(seedrandom(`coverage ${rho}`));
  const cells = Object.fromEntries(Object.keys(FIGURES).map((name) => [name, { covered: 0, none: 0 }]));
  for (let trial = 0; trial < INTERVAL_TRIALS; ++trial) {
    const samples = [normal()];
    while (samples.length < 600) samples.push(rho * samples.at(-1) + Math.sqrt(1 - rho * rho) * normal());
    for (const [name, { truth, interval }] of Object.entries(FIGURES)) {
      const found = interval(samples);
      if (found === undefined) cells[name].none += 1;
      else if (found.lower <= truth && truth <= found.upper) cells[name].covered += 1;
    }
  }
  console.log(`AR(${rho}): ${Object.entries(cells).map(([name, { covered, none }]) => `${name} ${percent(covered, INTERVAL_TRIALS - none)}${none > 0 ? ` (none: ${none})` : ''}`).join(', ')}`);
}
