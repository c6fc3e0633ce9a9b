// How often the benchmark's statistics are right, on simulated runs: the sequential test's false alarms and power, and the coverage of
// intervals when neighbours are alike. Prints two tables; takes a minute or two. Usage: node tools/simulate-bench-statistics.mjs [TRIALS]
import { createRequire } from 'node:module';
import { decide } from '../packages/bench/dist/compare/sequential-test.js';
import { percentileInterval } from '../packages/bench/dist/statistics/percentile-interval.js';

const seedrandom = createRequire(new URL('../packages/bench/package.json', import.meta.url))('seedrandom');
const TRIALS = Number(process.argv[2] ?? 1000);
const random = seedrandom('simulate');
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const percent = (count, of) => `${((100 * count) / of).toFixed(1)} %`;

console.log(`sequential test, ${TRIALS} trials a cell, threshold 3 %`);
for (const deviation of [0.01, 0.02, 0.03, 0.05]) {
  const run = (loss) => {
    const counts = { pass: 0, fail: 0, undecided: 0, pairs: 0 };
    for (let trial = 0; trial < TRIALS; ++trial) {
      const differences = [];
      let decision;
      do {
        differences.push(Math.log1p(loss) + deviation * normal());
        decision = decide(differences);
      } while (!decision.isFinal);
      counts[decision.verdict] += 1;
      counts.pairs += differences.length;
    }
    return counts;
  };
  const same = run(0);
  const worse = run(0.03);
  console.log(
    `noise ${100 * deviation} %: false alarms ${percent(same.fail, TRIALS)}, power ${percent(worse.fail, TRIALS)}, missed ${percent(worse.pass, TRIALS)}, undecided ${percent(worse.undecided, TRIALS)}; pairs ${(same.pairs / TRIALS).toFixed(1)} / ${(worse.pairs / TRIALS).toFixed(1)}`,
  );
}

/** Marginal distribution standard normal: its percentiles are known. */
const QUANTILES = { 50: 0, 90: 1.2815515655446004, 95: 1.6448536269514722 };
console.log(`95 % intervals of percentiles, runs of 600 samples, ${TRIALS} trials a cell`);
for (const rho of [0, 0.5, 0.8]) {
  const covered = { 50: 0, 90: 0, 95: 0 };
  for (let trial = 0; trial < TRIALS; ++trial) {
    const samples = [normal()];
    while (samples.length < 600) samples.push(rho * samples.at(-1) + Math.sqrt(1 - rho * rho) * normal());
    for (const [p, quantile] of Object.entries(QUANTILES)) {
      const interval = percentileInterval(samples, Number(p), random);
      if (interval && interval.lower <= quantile && quantile <= interval.upper) covered[p] += 1;
    }
  }
  console.log(`AR(${rho}): ${Object.entries(covered).map(([p, count]) => `p${p} ${percent(count, TRIALS)}`).join(', ')}`);
}
