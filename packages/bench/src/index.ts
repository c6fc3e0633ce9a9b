// Measures any OpenAI server; meets the runtime over HTTP only.
export type { BenchInput, BenchOptions, SaveOptions } from './bench-options.js';
export type { BenchReport, FailureGroup, Note } from './report/bench-report.js';
export { METRICS, type Metric, type SloMetric } from './metrics.js';
export type { BenchProgress } from './progress.js';
export { reportJson } from './report/report-json.js';
export { formatReport } from './report/report-tables.js';
export { machineLimits, engineCost, type MachineLimits } from './static/limit.js';
export { runStatic, type StaticProgress, type StaticRecord, type SubmitStatic } from './static/run-static.js';
export { outputJson, requestJson, staticReportJson } from './static/static-json.js';
export { staticReport, type StaticReport, type WorldInfo } from './static/static-report.js';
export { datasetLines, readStaticDataset, syntheticRequests, type StaticRequest, type SyntheticDataset } from './static/static-request.js';
export { staticText } from './static/static-text.js';
export { runBenchmark, type BenchHooks } from './run-benchmark.js';
export { formatRoofline, measureRoofline, type Roofline, type RooflineOptions } from './roofline.js';
