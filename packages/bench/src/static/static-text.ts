// The static report for people and for scripts that parse trtllm-bench's: its sections, titles, labels and order. Behind a speed stands
// its share of the machine's limit; a last section has the limits themselves.
import { breakdown, pairs, section, type Pair } from './report-lines.js';
import { table } from '../report/plain-table.js';
import { SHARE_NAMES, type LimitShare, type LimitShares } from './limit-shares.js';
import { arithmeticText, readText } from './machine-limits.js';
import { coalescingNotes, limitNotes } from './report-notes.js';
import type { StaticReport } from './static-report.js';

export function staticText(report: StaticReport): string {
  return [
    section('ENGINE DETAILS', engineLines(report)),
    section('MACHINE DETAILS', [machineLine(report)]),
    section('REQUEST DETAILS', requestLines(report)),
    section('WORLD + RUNTIME INFORMATION', worldLines(report)),
    section('PERFORMANCE OVERVIEW', [...performanceLines(report), ...coalescingNotes(report).flatMap((text) => ['', `note: ${text}`])]),
    section('DATASET DETAILS', datasetLines(report)),
    section("SHARE OF THE MACHINE'S LIMIT", limitLines(report)),
  ].join('\n');
}

const fixed = (value: number): string => (Number.isFinite(value) ? value.toFixed(4) : String(value));

function engineLines({ input: { manifest, world, model, model_path, engine_dir, version } }: StaticReport): string[] {
  const { pretrained_config: config, build_config } = manifest;
  return pairs([
    ['Model', model],
    ['Model Path', model_path ?? 'None'],
    ['Engine Directory', engine_dir],
    ['trtllm Version', version],
    ['Dtype', config.dtype],
    ['KV Cache Dtype', world.kv_cache_dtype],
    ['Quantization', config.quantization.quant_algo ?? 'None'],
    ['Max Sequence Length', build_config.max_seq_len],
  ]);
}

function machineLine({ input: { host, world } }: StaticReport): string {
  const clock = host.clock_ghz > 0 ? `, ${host.clock_ghz.toFixed(2)} GHz` : '';
  return `${host.name}, memory ${host.memory_gb.toFixed(2)} GB${clock}, ${world.isa} on ${world.threads} threads`;
}

function requestLines(report: StaticReport): string[] {
  return pairs([
    ['Number of requests', report.num_requests],
    ['Number of concurrent requests', fixed(report.concurrency)],
    ['Average Input Length (tokens)', fixed(report.input_lengths.average)],
    ['Average Output Length (tokens)', fixed(report.output_lengths.average)],
  ]);
}

function worldLines({ input: { world, manifest }, issue_rate }: StaticReport): string[] {
  const { mapping } = manifest.pretrained_config;
  return pairs([
    ['TP Size', mapping.tp_size],
    ['PP Size', mapping.pp_size],
    ['EP Size', 'None'],
    ['Max Runtime Batch Size', world.max_batch_size],
    ['Max Runtime Tokens', world.max_num_tokens],
    ['Scheduling Policy', world.scheduling_policy],
    ['KV Memory Percentage', `${(100 * world.kv_cache_fraction).toFixed(2)}%`],
    ['KV Block Reuse', world.enable_block_reuse ? 'on' : 'off'],
    ['Issue Rate (req/sec)', issue_rate.toExponential(4).toUpperCase()],
  ]);
}

function performanceLines(report: StaticReport): string[] {
  const { shares, input } = report;
  const isAlone = report.input.kind === 'latency' && input.concurrency === 1;
  const whole = shares && ofLimit(shares.whole, '');
  const alone = (name: 'request' | 'prefill' | 'decode'): string | undefined => shares?.[name] && ofLimit(shares[name], isAlone ? '' : ' of one alone');
  const speeds: Pair[] = [
    ['Request Throughput (req/sec)', fixed(report.request_throughput), whole],
    ['Total Output Throughput (tokens/sec)', fixed(report.output_throughput), whole],
    ['Total Token Throughput (tokens/sec)', fixed(report.total_throughput), whole],
    ['Total Latency (ms)', fixed(report.total_ms), whole],
    ['Average request latency (ms)', fixed(report.latency_ms.average), alone('request')],
    ['Per User Output Throughput [w/ ctx] (tps/user)', fixed(report.user_throughput), alone('request')],
    ['Per GPU Output Throughput (tps/gpu)', fixed(report.output_throughput / input.manifest.pretrained_config.mapping.world_size), whole],
  ];
  const latency = breakdown('Request Latency Breakdown (ms) -----------------------', 'Latency', report.latency_ms, 'percentiles first');
  if (!input.streaming) return [...pairs(speeds), '', ...latency];
  const { ttft_ms, tpot_ms, generation_throughput: speed } = report;
  speeds.push(['Average time-to-first-token [TTFT] (ms)', fixed(ttft_ms.average), alone('prefill')]);
  if (tpot_ms) speeds.push(['Average time-per-output-token [TPOT] (ms)', fixed(tpot_ms.average), alone('decode')]);
  if (speed) speeds.push(['Per User Output Speed (tps/user)', fixed(speed.average), alone('decode')]);
  return [
    ...pairs(speeds),
    ...(tpot_ms ? ['', ...breakdown('Per-Request Time-per-Output-Token [TPOT] Breakdown (ms)', 'TPOT', tpot_ms, 'extremes first')] : []),
    '',
    ...breakdown('Per-Request Time-to-First-Token [TTFT] Breakdown (ms)', 'TTFT', ttft_ms, 'extremes first'),
    ...(speed ? ['', ...breakdown('Per-Request Generation Throughput [GTPS] Breakdown (tps/user)', 'GTPS', speed, 'extremes first')] : []),
    '',
    ...latency,
  ];
}

const ofLimit = ({ fraction, bound }: LimitShare, whose: string): string => `(${(100 * fraction).toFixed(1)} % of limit${whose}: ${bound})`;

function datasetLines(report: StaticReport): string[] {
  const columns = [report.input_lengths, report.output_lengths, report.sequence_lengths];
  const keys = { minimum: 'MIN', maximum: 'MAX', average: 'AVG', p50: 'P50', p90: 'P90', p95: 'P95', p99: 'P99' } as const;
  const rows = Object.entries(keys).map(([key, name]) => [name, ...columns.map((column) => column[key as keyof typeof keys].toFixed(4))]);
  return [
    ...pairs([
      ['Dataset Path', report.input.dataset],
      ['Number of Sequences', report.num_requests],
    ]),
    '',
    '-- Percentiles statistics',
    '',
    table(['', 'Input Length', 'Output Length', 'Seq. Length'], rows),
  ];
}

function limitLines(report: StaticReport): string[] {
  const { input, machine, shares } = report;
  if (!machine || !shares) return ['not measured'];
  const row = (name: string, { limit, measured_s, tokens, fraction, bound }: LimitShare): string[] => [name, (tokens / limit.seconds).toFixed(2), (tokens / measured_s).toFixed(2), `${(100 * fraction).toFixed(1)} %`, bound];
  const names = Object.keys(SHARE_NAMES) as (keyof LimitShares)[];
  return [
    ...input.measured.map((limits, index) => `Measured ${index === 0 ? 'before' : 'after'} the run: ${arithmeticText(limits)}, ${readText(limits)}`),
    `A step reads ${(input.cost.step_weight_bytes / 1e6).toFixed(1)} MB of weights; a token takes ${(input.cost.flops_per_token / 1e6).toFixed(1)} MFLOP in the layers' linears`,
    '',
    table(['', 'limit (tok/s)', 'measured (tok/s)', 'of limit', 'the limit is'], names.flatMap((name) => (shares[name] ? [row(SHARE_NAMES[name], shares[name])] : []))),
    ...limitNotes(report).map((text) => `note: ${text}`),
  ];
}
