// Measures any OpenAI server; meets the runtime over HTTP only.
export type { BenchInput, BenchOptions, SaveOptions } from './bench-options.js';
export type { BenchReport, FailureGroup, Note } from './report/bench-report.js';
export { AB_METRICS, compareServers, type AbInput, type AbMetric } from './compare/compare-servers.js';
export type { AbResult, Pair, Side } from './compare/interleave.js';
export { METRICS, type Metric, type SloMetric } from './metrics.js';
export type { BenchProgress } from './progress.js';
export { reportJson } from './report/report-json.js';
export { formatReport } from './report/report-tables.js';
export { engineCost, type EngineCost } from './static/engine-cost.js';
export { machineLimits, type MachineLimits } from './static/machine-limits.js';
export { runStatic, type StaticPiece, type StaticProgress, type StaticRecord, type SubmitStatic } from './static/run-static.js';
export { outputJson, requestJson, staticReportJson } from './static/static-json.js';
export { section, pairs } from './static/report-lines.js';
export { staticReport, type HostInfo, type StaticReport, type WorldInfo } from './static/static-report.js';
export { datasetLines, readStaticDataset, syntheticRequests, type StaticRequest, type SyntheticDataset } from './static/static-request.js';
export { staticText } from './static/static-text.js';
export { runBenchmark, type BenchHooks } from './run-benchmark.js';
export { formatRoofline, measureRoofline, type Roofline, type RooflineOptions } from './roofline.js';
