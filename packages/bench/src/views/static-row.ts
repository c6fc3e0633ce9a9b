// A static run as one row of CSV, with the names of trtllm-bench's report.
import type { SevenNumbers } from '../static/seven-numbers.js';
import type { StaticReport } from '../static/static-report.js';
import type { Cell, DataTable } from './content.js';

export function staticRow(report: StaticReport): DataTable {
  const { input, shares } = report;
  const entries: [string, Cell][] = [
    ['kind', input.kind],
    ['model', input.model],
    ['engine_dir', input.engine_dir],
    ['dataset_path', input.dataset],
    ['isa', input.world.isa],
    ['threads', input.world.threads],
    ['num_requests', report.num_requests],
    ['concurrency', input.concurrency],
    ['avg_num_concurrent_requests', report.concurrency],
    ['avg_input_length', report.input_lengths.average],
    ['avg_output_length', report.output_lengths.average],
    ['total_latency_ms', report.total_ms],
    ['request_throughput_req_s', report.request_throughput],
    ['system_output_throughput_tok_s', report.output_throughput],
    ['system_total_throughput_tok_s', report.total_throughput],
    ['output_throughput_per_user_tok_s', report.user_throughput],
    ...numbers('request_latency_ms', report.latency_ms),
    ...(input.streaming ? [...numbers('ttft_ms', report.ttft_ms), ...numbers('tpot_ms', report.tpot_ms)] : []),
    ['limit_share', shares?.whole.fraction],
  ];
  return { title: 'run', columns: entries.map(([key]) => ({ key, title: key })), rows: [entries.map(([, cell]) => cell)] };
}

function numbers(name: string, of: SevenNumbers | undefined): [string, Cell][] {
  return (['average', 'p50', 'p90', 'p95', 'p99', 'minimum', 'maximum'] as const).map((key) => [`${key}_${name}`, of?.[key]]);
}
