// The report of a static run: an engine without a server, each speed beside the machine's limit.
import { SHARE_NAMES, type LimitShares } from '../static/limit-shares.js';
import { coalescingNotes, limitNotes } from '../static/report-notes.js';
import type { StaticRecord } from '../static/run-static.js';
import type { SevenNumbers } from '../static/seven-numbers.js';
import type { StaticReport } from '../static/static-report.js';
import type { Cell, DataTable, ReportContent } from './content.js';
import { figure } from './numbers.js';
import { staticSections } from './sections/static-sections.js';
import { staticRow } from './static-row.js';

const NUMBERS: [keyof SevenNumbers, string][] = [['average', 'mean'], ['p50', 'p50'], ['p90', 'p90'], ['p95', 'p95'], ['p99', 'p99'], ['minimum', 'min'], ['maximum', 'max']];

const WORDS: ReportContent['words'] = [
  ['latency', 'last token - start, which is taken when the request has its slot'],
  ['TTFT', 'first token - start'],
  ['TPOT', '(last token - first token) / (tokens - 1), one value a request'],
  ['tok/s per user', 'mean over requests of output tokens / latency'],
  ['percentiles', 'sorted[int(n p)], as trtllm-bench counts them'],
  ['of limit', 'least time that the measured machine could need / time that was needed'],
];

export function staticContent(report: StaticReport, records: readonly StaticRecord[]): ReportContent {
  const { input } = report;
  return {
    title: `${input.kind === 'throughput' ? 'Throughput' : 'Latency'} of ${input.model}, without a server`,
    facts: factsOf(report),
    tiles: tilesOf(report),
    tables: [speedTable(report), numbersTable('Latencies', latenciesOf(report), 'ms'), numbersTable('Lengths', lengthsOf(report), 'Tokens of a request.'), ...limitTables(report)],
    csv: staticRow(report),
    notes: [...coalescingNotes(report), ...limitNotes(report)].map((text) => ({ about: '', text })),
    checks: [{ suite: `${input.kind} ${input.model}`, name: 'every request completes', outcome: 'pass', seconds: report.total_ms / 1000 }],
    words: WORDS,
    sections: () => staticSections(records, input.streaming),
  };
}

function factsOf({ input: { manifest, world, host, dataset, concurrency, engine_dir: engine }, num_requests: requests }: StaticReport): [string, string][] {
  const { dtype, quantization } = manifest.pretrained_config;
  return [
    ['engine', engine],
    ['arithmetic', `${dtype}${quantization.quant_algo === null ? '' : `, ${quantization.quant_algo}`}, KV cache ${world.kv_cache_dtype}`],
    ['machine', `${host.name}, ${world.isa} on ${world.threads} threads`],
    ['dataset', dataset],
    ['requests', String(requests)],
    ['maximum concurrency', concurrency > 0 ? String(concurrency) : 'all'],
    ['batch', `${world.max_batch_size} requests, ${world.max_num_tokens} tokens`],
  ];
}

function tilesOf({ output_throughput: output, request_throughput: requests, shares, ttft_ms: ttft, tpot_ms: tpot, latency_ms: latency, input }: StaticReport): ReportContent['tiles'] {
  const tiles: ReportContent['tiles'] = [
    ['output', figure(output), 'tok/s'],
    ['requests', figure(requests), 'req/s'],
    ['latency p50', figure(latency.p50), 'ms'],
  ];
  if (input.streaming) tiles.push(['TTFT p50', figure(ttft.p50), 'ms']);
  if (input.streaming && tpot) tiles.push(['TPOT p50', figure(tpot.p50), 'ms']);
  if (shares) tiles.push(["machine's limit", (100 * shares.whole.fraction).toFixed(1), '%']);
  return tiles;
}

function speedTable(report: StaticReport): DataTable {
  const rows: [string, number, string][] = [
    ['output', report.output_throughput, 'tok/s'],
    ['input and output', report.total_throughput, 'tok/s'],
    ['requests', report.request_throughput, 'req/s'],
    ['output per user', report.user_throughput, 'tok/s'],
    ['mean concurrency', report.concurrency, 'requests'],
    ['whole run', report.total_ms / 1000, 's'],
  ];
  const columns = ['figure', 'value', 'unit'].map((title) => ({ key: title, title }));
  return { title: 'Speeds', columns, rows: rows.map(([name, value, unit]) => [name, { value, text: figure(value) }, unit]) };
}

function latenciesOf({ input, latency_ms: latency, ttft_ms: ttft, tpot_ms: tpot }: StaticReport): [string, SevenNumbers | undefined][] {
  const streamed: [string, SevenNumbers | undefined][] = [['TTFT', ttft], ['TPOT', tpot]];
  return [...(input.streaming ? streamed : []), ['latency', latency]];
}

function lengthsOf(report: StaticReport): [string, SevenNumbers][] {
  return [['input', report.input_lengths], ['output', report.output_lengths], ['together', report.sequence_lengths]];
}

function numbersTable(title: string, of: readonly [string, SevenNumbers | undefined][], remark: string): DataTable {
  const columns = [{ key: 'of', title: '' }, ...NUMBERS.map(([key, head]) => ({ key, title: head }))];
  const rows = of.flatMap(([name, numbers]): Cell[][] => (numbers ? [[name, ...NUMBERS.map(([key]) => ({ value: numbers[key], text: figure(numbers[key]) }))]] : []));
  return { title, columns, rows, remark };
}

function limitTables({ shares }: StaticReport): DataTable[] {
  if (!shares) return [];
  const columns = [['of', ''], ['limit', 'limit (tok/s)'], ['measured', 'measured (tok/s)'], ['share', 'of limit'], ['bound', 'the limit is']].map(([key, title]) => ({ key: key!, title: title! }));
  const rows = (Object.keys(SHARE_NAMES) as (keyof LimitShares)[]).flatMap((name): Cell[][] => {
    const share = shares[name];
    if (!share) return [];
    const [limit, measured] = [share.tokens / share.limit.seconds, share.tokens / share.measured_s];
    return [[SHARE_NAMES[name], { value: limit, text: figure(limit) }, { value: measured, text: figure(measured) }, { value: share.fraction, text: `${(100 * share.fraction).toFixed(1)} %` }, share.bound]];
  });
  return [{ title: "Share of the machine's limit", columns, rows }];
}
