// Every command, by name. All are loaded to print a help text, so each loads its library only when it runs.
import Bench from './bench.js';
import BenchAb from './bench-ab.js';
import BenchAgent from './bench-agent.js';
import BenchBuild from './bench-build.js';
import BenchCompare from './bench-compare.js';
import BenchCoreModel from './bench-core-model.js';
import BenchGate from './bench-gate.js';
import BenchLatency from './bench-latency.js';
import BenchPrepareDataset from './bench-prepare-dataset.js';
import BenchReport from './bench-report.js';
import BenchThroughput from './bench-throughput.js';
import BenchServe from './bench-serve.js';
import Build from './build.js';
import Generate from './generate.js';
import Inspect from './inspect.js';
import Serve from './serve.js';
import Tune from './tune.js';

export const COMMANDS = {
  bench: Bench,
  'bench:ab': BenchAb,
  'bench:agent': BenchAgent,
  'bench:compare': BenchCompare,
  'bench:core-model': BenchCoreModel,
  'bench:gate': BenchGate,
  'bench:report': BenchReport,
  'bench:serve': BenchServe,
  'bench:throughput': BenchThroughput,
  'bench:build': BenchBuild,
  'bench:latency': BenchLatency,
  'bench:prepare-dataset': BenchPrepareDataset,
  build: Build,
  generate: Generate,
  inspect: Inspect,
  serve: Serve,
  tune: Tune,
};
