// Flags of `trtllm bench`: those of the reference's benchmark_serving.py, and their way into the bench's options.
import { basename } from 'node:path';
import { Flags, type Interfaces } from '@oclif/core';
import type { BenchInput } from '@trtllm/bench';
import { BENCH_PLAN_FLAGS, planInput } from './bench-plan-flags.js';
import { RESULT_FLAGS, resultInput } from './bench-result-flags.js';
import { REFERENCE_FLAGS, refuseReferenceFlags } from './bench-reference-flags.js';
import { REPORT_FLAG } from './report-flag.js';
import { oneLevel } from './levels.js';
import { loadgenExecutable } from './native-directory.js';
import { badFlag, finite, inRange, share, words } from './numbers.js';
import { pairs } from './pairs.js';

const LOAD = 'LOAD';
const REPORT = 'REPORT';
const SAMPLING = 'SAMPLING';

/** What is asked, and how: of one server or of two. */
export const LOAD_FLAGS = {
  backend: Flags.option({
    options: ['openai', 'openai-chat', 'triton-generate', 'triton-generate-stream', 'tensorrt-llm'] as const,
    default: 'openai' as const,
    description: "completions or chat endpoint, or Triton's; tensorrt-llm is vLLM's word for triton-generate-stream",
  })(),
  endpoint: Flags.string({ description: "path [default: the backend's]" }),
  model: Flags.string({ aliases: ['served-model-name'], description: 'model name in requests [default: the first of /v1/models; Triton: ensemble]' }),
  header: Flags.string({ multiple: true, helpValue: 'KEY=VALUE ...', description: 'HTTP headers of every request, for a gateway' }),
  tokenizer: Flags.string({ description: 'directory with the tokenizer of the served model, or its name in the Hugging Face cache [default: that of --model or of the server, where it is on this machine]', helpValue: 'DIR' }),

  ...BENCH_PLAN_FLAGS,

  client: Flags.option({ options: ['native', 'node'] as const, description: 'who sends and stamps [default: native where it is built and the URL is http]', helpGroup: LOAD })(),
  workers: Flags.integer({ min: 1, default: 1, description: 'threads of the native client; the plan and the limit are one for all', helpGroup: LOAD }),
  'keep-cores-awake': Flags.boolean({ default: false, description: 'the native client spins on idle cores, giving way to all others: sends in time also where a halted core takes long to wake (virtual machines); not beside a server that shares their hyperthreads', helpGroup: LOAD }),
  agents: Flags.string({ description: 'machines that send in place of this one, each running `trtllm bench agent`: one plan, one limit, one report; they get the API key', helpValue: 'HOST:PORT,...', helpGroup: LOAD }),
  'agent-token': Flags.string({ env: 'TRTLLM_AGENT_TOKEN', description: 'the --token of the agents', helpGroup: LOAD }),
  'max-concurrency': Flags.string({ description: 'requests in flight at most; a list (1,4,16) or range (1-64:x2, 1-9:2): one run a level', helpGroup: LOAD }),
  'no-test-input': Flags.boolean({ description: 'skip the uncounted first request', helpGroup: LOAD }),
  'non-streaming': Flags.boolean({ description: 'whole replies: no TTFT, no ITL', helpGroup: LOAD }),
  'max-error-rate': Flags.string({ description: 'stop when more of the last 50 requests fail, e.g. 5%', helpGroup: LOAD }),
  'max-seconds': Flags.string({ description: 'send no more after so long', helpGroup: LOAD }),
  'stop-over-saturated': Flags.boolean({ description: 'stop when the server cannot keep up with --request-rate', helpGroup: LOAD }),
  'ready-check-timeout-sec': Flags.string({ default: '0', description: 'wait so long for a server that still loads', helpGroup: LOAD }),
  timeout: Flags.string({ default: '21600', description: 'seconds without progress after which a request has failed', helpGroup: LOAD }),

  'ignore-eos': Flags.boolean({ description: 'always generate the full output length', helpGroup: SAMPLING }),
  temperature: Flags.string({ helpGroup: SAMPLING, description: '[default: 0]' }),
  'top-p': Flags.string({ helpGroup: SAMPLING }),
  'top-k': Flags.string({ helpGroup: SAMPLING }),
  'min-p': Flags.string({ helpGroup: SAMPLING }),
  logprobs: Flags.integer({ helpGroup: SAMPLING, min: 0 }),
  'lora-modules': Flags.string({ multiple: true, helpValue: 'NAME ...', description: 'model names in requests, one of them at random', helpGroup: SAMPLING }),
  'extra-body': Flags.string({ description: 'fields merged into every request; a null takes one out', helpValue: 'JSON', helpGroup: SAMPLING }),

  'disable-tqdm': Flags.boolean({ description: 'no progress line', helpGroup: REPORT }),
  ...REFERENCE_FLAGS,
};

export const BENCH_FLAGS = {
  'base-url': Flags.string({ description: 'server, instead of host and port', helpValue: 'URL' }),
  host: Flags.string({ char: 'H', default: '127.0.0.1' }),
  port: Flags.integer({ char: 'p', default: 8000, min: 1, max: 65535 }),

  ...LOAD_FLAGS,

  'percentile-metrics': Flags.string({ default: 'ttft,tpot,itl', description: 'of ttft,tpot,itl,e2el', helpGroup: REPORT }),
  'metric-percentiles': Flags.string({ default: '99', helpGroup: REPORT }),
  force: Flags.boolean({ description: 'show percentiles that the sample cannot support, marked *', helpGroup: REPORT }),
  goodput: Flags.string({ multiple: true, description: 'limits a good request keeps, e.g. ttft:200 tpot:30; of ttft, tpot, e2el, itl (95 % of its gaps)', helpValue: 'KEY:MS ...', helpGroup: REPORT }),
  'server-metrics': Flags.boolean({ description: 'what the server tells of itself each second: /metrics, /prometheus/metrics, /perf_metrics', helpGroup: REPORT }),
  'server-metrics-url': Flags.string({ description: 'the same, asked there', helpValue: 'URL', helpGroup: REPORT }),
  profile: Flags.boolean({ description: "the server's profiler runs meanwhile: POST /start_profile before the first request (warm-ups included), /stop_profile behind the last", helpGroup: REPORT }),
  'host-metrics': Flags.boolean({ description: 'CPU, memory and GPUs (nvidia-smi) of this machine each second, into report and result', helpGroup: REPORT }),
  report: REPORT_FLAG,
  ...RESULT_FLAGS,
};

export type LoadFlagValues = Interfaces.InferredFlags<typeof LOAD_FLAGS>;
export type BenchFlagValues = Interfaces.InferredFlags<typeof BENCH_FLAGS>;

export function loadInput(flags: LoadFlagValues): BenchInput {
  refuseReferenceFlags(flags);
  return {
    backend: flags.backend === 'tensorrt-llm' ? 'triton-generate-stream' : flags.backend,
    endpoint: flags.endpoint,
    model: flags.model,
    apiKey: process.env['OPENAI_API_KEY'],
    headers: Object.fromEntries(pairs(flags.header, '=', '--header')),
    tokenizerDir: flags.tokenizer,
    ...planInput(flags),
    salt: flags.salt ?? loadSalt(flags),
    client: flags.client,
    workers: flags.workers,
    keepCoresAwake: flags['keep-cores-awake'],
    agents: flags.agents?.split(',').map((text) => text.trim()).filter((text) => text !== ''),
    agentToken: flags['agent-token'],
    loadgen: loadgenExecutable(),
    maxConcurrency: oneLevel(flags['max-concurrency'], '--max-concurrency'),
    loraModules: flags['lora-modules'],
    ignoreEos: flags['ignore-eos'],
    stream: !flags['non-streaming'],
    sampling: sampling(flags),
    extraBody: jsonObject(flags['extra-body']),
    testInput: !flags['no-test-input'],
    maxErrorRate: flags['max-error-rate'] === undefined ? undefined : share(flags['max-error-rate'], '--max-error-rate', true),
    maxSeconds: flags['max-seconds'] === undefined ? undefined : inRange(flags['max-seconds'], '--max-seconds', 0.001),
    stopOverSaturated: flags['stop-over-saturated'],
    readyTimeoutMs: 1000 * inRange(flags['ready-check-timeout-sec'], '--ready-check-timeout-sec', 0),
    timeoutMs: 1000 * inRange(flags.timeout, '--timeout', 0.001),
  };
}

const DRAWN = ['random', 'random-ids', 'synthetic', 'token-norm-dist', 'token-normal-dist', 'token-unif-dist', 'azure', 'mooncake', 'burstgpt'];

/**
 * Loops over loads or lengths, one command a point and one seed for all, are not to find the prompts of the point before in the server's
 * cache: the same command line has the same texts, another has others. Texts that a file gives stay as they are.
 */
function loadSalt(flags: LoadFlagValues): string | undefined {
  if (!DRAWN.includes(flags['dataset-name'].replaceAll('_', '-'))) return undefined;
  const file = flags['dataset-path'] === undefined ? undefined : basename(flags['dataset-path']);
  return [file, flags['random-input-len'], flags['random-output-len'], flags['synthetic-input-len'], flags['max-concurrency'], flags['request-rate']].map((value) => value ?? '').join('/');
}

export function benchInput(flags: BenchFlagValues): BenchInput {
  return {
    ...loadInput(flags),
    baseUrl: flags['base-url'],
    host: flags.host,
    port: flags.port,
    percentileMetrics: words(flags['percentile-metrics'], '--percentile-metrics', ['ttft', 'tpot', 'itl', 'e2el'] as const),
    metricPercentiles: flags['metric-percentiles'].split(',').map((text: string) => inRange(text.trim(), '--metric-percentiles', 0, 100)),
    forcePercentiles: flags.force,
    goodput: Object.fromEntries(pairs(flags.goodput?.flatMap((text) => text.split(/[\s,]+/)).filter((text) => text !== ''), ':', '--goodput').map(([key, value]) => [key, inRange(value, `--goodput ${key}:`, 0)])),
    hostMetrics: flags['host-metrics'],
    serverMetrics: flags['server-metrics'],
    serverMetricsUrl: flags['server-metrics-url'],
    profile: flags.profile,
    ...resultInput(flags),
  };
}

/** temperature 0 unless told otherwise, as the reference's client sends it. */
function sampling(flags: LoadFlagValues): Record<string, number> {
  const given: [string, string | undefined][] = [
    ['temperature', flags.temperature ?? '0'],
    ['top_p', flags['top-p']],
    ['top_k', flags['top-k']],
    ['min_p', flags['min-p']],
    ['logprobs', flags.logprobs === undefined ? undefined : String(flags.logprobs)],
  ];
  return Object.fromEntries(given.flatMap(([name, text]) => (text === undefined ? [] : [[name, finite(text, `--${name.replace('_', '-')}`)]])));
}

function jsonObject(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badFlag(`--extra-body: expected a JSON object, found ${text.slice(0, 100)}`);
  return value as Record<string, unknown>;
}
