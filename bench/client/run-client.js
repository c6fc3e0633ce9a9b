// One run of `trtllm bench` without its command line: run-client.js '{"port":…,"client":…,"requests":…,…}'. Prints its figures as a line of
// JSON and writes the stamps as marks (native/bench/client/marks.h), so that they lie beside the server's log.
import { writeFileSync } from 'node:fs';
import { runBenchmark } from '../../packages/bench/dist/index.js';
import { percentile } from './marks.js';

const job = JSON.parse(process.argv[2]);
const report = await runBenchmark({
  baseUrl: `http://127.0.0.1:${job.port}`,
  model: 'scripted',
  client: job.client,
  workers: job.workers,
  keepCoresAwake: job.awake,
  loadgen: job.loadgen,
  datasetName: 'random-ids',
  vocabSize: 1000,
  inputLen: 32,
  outputLen: 1,
  numPrompts: job.requests,
  maxConcurrency: job.rate === undefined ? job.concurrency : undefined,
  requestRate: job.rate ?? Infinity,
  stream: job.stream,
  testInput: false,
});
const { records, failures } = report;
if (failures.length > 0) console.error(failures);
// performance.now() counts from a time of its own.
const originNs = Number(process.hrtime.bigint()) - performance.now() * 1e6;
const marks = records.flatMap(({ text, timeline: { sent, stamps, done } }) => {
  const request = Number(text.trim().split(' ', 1)[0]); // every event says it
  const whole = stamps.length === 0 ? [done] : stamps;
  return [[request, -1, sent], ...whole.map((at, i) => [request, i, at])];
});
const log = Buffer.alloc(16 * marks.length);
marks.forEach(([request, event, ms], i) => {
  log.writeUInt32LE(request, 16 * i);
  log.writeInt32LE(event, 16 * i + 4);
  log.writeBigInt64LE(BigInt(Math.round(ms * 1e6 + originNs)), 16 * i + 8);
});
writeFileSync(job.log, log);
const lags = records.map(({ timeline: { sent, scheduled } }) => 1000 * (sent - scheduled)).sort((a, b) => a - b);
console.log(
  JSON.stringify({
    seconds: report.durationS,
    cpuS: report.clientCpu * report.durationS,
    requests: report.completed,
    events: marks.length - records.length,
    sendLagUs: { p50: percentile(lags, 50), p99: percentile(lags, 99) },
  }),
);
