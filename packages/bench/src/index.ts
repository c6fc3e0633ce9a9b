// Measures any OpenAI server; meets the runtime over HTTP only.
export type { BenchInput, BenchOptions, SaveOptions } from './bench-options.js';
export type { BenchReport, FailureGroup, Note } from './report/bench-report.js';
export { METRICS, type Metric, type SloMetric } from './metrics.js';
export type { BenchProgress } from './progress.js';
export { reportJson } from './report/report-json.js';
export { formatReport } from './report/report-tables.js';
export { runBenchmark, type BenchHooks } from './run-benchmark.js';
export { formatRoofline, measureRoofline, type Roofline, type RooflineOptions } from './roofline.js';
