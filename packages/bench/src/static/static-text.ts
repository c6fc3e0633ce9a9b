// The static report for people and for scripts that parse trtllm-bench's: its sections, titles, labels and order; what stands under the
// machine's limit comes last, in a section of its own.
import { table } from '../report/plain-table.js';
import type { LimitShare, StaticReport, Statistics } from './static-report.js';

const RULE = '='.repeat(59);

export function staticText(report: StaticReport): string {
  const sections: [string, string[]][] = [
    ['ENGINE DETAILS', engineLines(report)],
    ['REQUEST DETAILS', requestLines(report)],
    ['WORLD + RUNTIME INFORMATION', worldLines(report)],
    ['PERFORMANCE OVERVIEW', performanceLines(report)],
    ['DATASET DETAILS', datasetLines(report)],
    ["SHARE OF THE MACHINE'S LIMIT", limitLines(report)],
  ];
  return sections.map(([title, lines]) => `${RULE}\n= ${title}\n${RULE}\n${lines.join('\n')}\n`).join('\n');
}

/** Labels are padded so that values stand in one column. */
function aligned(pairs: [string, string | number][]): string[] {
  const width = Math.max(...pairs.map(([label]) => label.length)) + 1;
  return pairs.map(([label, value]) => `${`${label}:`.padEnd(width)} ${value}`);
}

const fixed = (value: number): string => (Number.isFinite(value) ? value.toFixed(4) : String(value));

function engineLines({ input: { manifest, engine_dir, version } }: StaticReport): string[] {
  const { pretrained_config: config, trtllm, build_config } = manifest;
  return aligned([
    ['Model', trtllm.model_name],
    ['Engine Directory', engine_dir],
    ['trtllm Version', version],
    ['Dtype', config.dtype],
    ['KV Cache Dtype', config.quantization.kv_cache_quant_algo ?? config.dtype],
    ['Quantization', config.quantization.quant_algo ?? 'None'],
    ['Max Sequence Length', build_config.max_seq_len],
  ]);
}

function requestLines(report: StaticReport): string[] {
  return aligned([
    ['Number of requests', report.num_requests],
    ['Number of concurrent requests', fixed(report.concurrency)],
    ['Average Input Length (tokens)', fixed(report.input_lengths.average)],
    ['Average Output Length (tokens)', fixed(report.output_lengths.average)],
  ]);
}

function worldLines({ input: { world, manifest }, issue_rate }: StaticReport): string[] {
  const { mapping } = manifest.pretrained_config;
  return aligned([
    ['TP Size', mapping.tp_size],
    ['PP Size', mapping.pp_size],
    ['Instruction set', world.isa],
    ['Threads', world.threads],
    ['Max Runtime Batch Size', world.max_batch_size],
    ['Max Runtime Tokens', world.max_num_tokens],
    ['Scheduling Policy', world.scheduling_policy],
    ['KV Memory Percentage', `${(100 * world.kv_cache_fraction).toFixed(2)}%`],
    ['Issue Rate (req/sec)', issue_rate.toExponential(4).toUpperCase()],
  ]);
}

function performanceLines(report: StaticReport): string[] {
  const worldSize = report.input.manifest.pretrained_config.mapping.world_size;
  const lines = aligned([
    ['Request Throughput (req/sec)', fixed(report.request_throughput)],
    ['Total Output Throughput (tokens/sec)', fixed(report.output_throughput)],
    ['Total Token Throughput (tokens/sec)', fixed(report.total_throughput)],
    ['Total Latency (ms)', fixed(report.total_ms)],
    ['Average request latency (ms)', fixed(report.latency_ms.average)],
    ['Per User Output Throughput [w/ ctx] (tps/user)', fixed(report.user_throughput)],
    ['Per GPU Output Throughput (tps/gpu)', fixed(report.output_throughput / worldSize)],
    ...(report.input.streaming ? streamingPairs(report) : []),
  ]);
  if (report.input.streaming) {
    if (report.tpot_ms) lines.push('', ...breakdown('Per-Request Time-per-Output-Token [TPOT] Breakdown (ms)', 'TPOT', report.tpot_ms, EXTREMES_FIRST));
    lines.push('', ...breakdown('Per-Request Time-to-First-Token [TTFT] Breakdown (ms)', 'TTFT', report.ttft_ms, EXTREMES_FIRST));
    if (report.generation_throughput) lines.push('', ...breakdown('Per-Request Generation Throughput [GTPS] Breakdown (tps/user)', 'GTPS', report.generation_throughput, EXTREMES_FIRST));
  }
  lines.push('', ...breakdown('Request Latency Breakdown (ms) -----------------------', 'Latency', report.latency_ms, PERCENTILES_FIRST));
  return lines;
}

function streamingPairs({ ttft_ms, tpot_ms, generation_throughput }: StaticReport): [string, string][] {
  return [
    ['Average time-to-first-token [TTFT] (ms)', fixed(ttft_ms.average)],
    ...(tpot_ms ? ([['Average time-per-output-token [TPOT] (ms)', fixed(tpot_ms.average)]] as [string, string][]) : []),
    ...(generation_throughput ? ([['Per User Output Speed (tps/user)', fixed(generation_throughput.average)]] as [string, string][]) : []),
  ];
}

const PERCENTILES_FIRST = ['p50', 'p90', 'p95', 'p99', 'minimum', 'maximum', 'average'] as const;
const EXTREMES_FIRST = ['minimum', 'maximum', 'average', 'p50', 'p90', 'p95', 'p99'] as const;

function breakdown(title: string, tag: string, statistics: Statistics, order: readonly (keyof Statistics)[]): string[] {
  return [`-- ${title}`, '', ...order.map((key) => `[${tag}] ${key.toUpperCase().padEnd(7)}: ${fixed(statistics[key])}`)];
}

function datasetLines(report: StaticReport): string[] {
  const columns = [report.input_lengths, report.output_lengths, report.sequence_lengths];
  const rows = (['minimum', 'maximum', 'average', 'p50', 'p90', 'p95', 'p99'] as const).map((key) => [key.replace('imum', '').replace('erage', 'g').toUpperCase(), ...columns.map((column) => column[key].toFixed(4))]);
  return [
    ...aligned([
      ['Dataset Path', report.input.dataset],
      ['Number of Sequences', report.num_requests],
    ]),
    '',
    '-- Percentiles statistics',
    '',
    table(['', 'Input Length', 'Output Length', 'Seq. Length'], rows),
  ];
}

function limitLines({ input: { machine }, shares }: StaticReport): string[] {
  if (!machine || !shares) return ['not measured'];
  const row = (name: string, { limit, measured_s, fraction }: LimitShare): string[] => [name, limit.arithmetic_s.toFixed(3), limit.memory_s.toFixed(3), measured_s.toFixed(3), `${(100 * fraction).toFixed(1)} %`];
  const rows = [row('whole run', shares.whole), ...(shares.prefill ? [row('prefill', shares.prefill)] : []), ...(shares.decode ? [row('decode', shares.decode)] : [])];
  return [
    `Peak measured beside the run: ${machine.gflops.toFixed(0)} GFLOP/s (${machine.arithmetic}), ${machine.gbytes.toFixed(1)} GB/s from memory`,
    table(['', 'arithmetic at peak (s)', 'memory at peak (s)', 'took (s)', 'of the limit'], rows),
  ];
}
