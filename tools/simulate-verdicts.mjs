// How often the benchmark's verdict doubts a run that nothing is wrong with: packages/bench/src/verdict/false-alarms.test.ts over more runs.
// Usage: node tools/simulate-verdicts.mjs [RUNS, 10000: five minutes] [SEED]. Exits with 1 if more than 1 % are doubted.
import { spawnSync } from 'node:child_process';

const [TRTLLM_SIMULATED_RUNS = '10000', TRTLLM_SIMULATION_SEED = '2'] = process.argv.slice(2);
const root = new URL('..', import.meta.url).pathname;
const { status } = spawnSync('node_modules/.bin/vitest', ['run', 'packages/bench/src/verdict/false-alarms.test.ts', '--disable-console-intercept'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, TRTLLM_SIMULATED_RUNS, TRTLLM_SIMULATION_SEED },
});
process.exitCode = status ?? 1;
