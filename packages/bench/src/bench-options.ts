// What a benchmark run is told: one frozen value, checked here once and trusted everywhere else.
import { TrtllmError } from '@trtllm/protocol';
import { checkAgents } from './agents/agent-address.js';
import { checkInteger, refuse } from './check-option.js';
import { BACKEND_NAMES, BACKENDS, type BackendName } from './client/backends.js';
import { checkArrivals, defaultTraceSpeedup, hasSteadyRate, type ArrivalOptions } from './plan/arrival-options.js';
import { checkDataset, DATASET_DEFAULTS, defaultNumPrompts, type DatasetOptions } from './plan/dataset-options.js';
import type { StopOptions } from './stop-rules.js';
import { checkHeaders } from './client/request-headers.js';
import { METRICS, type Metric } from './metrics.js';
import type { WatchOptions } from './observe/watch-run.js';

export interface SaveOptions {
  dir: string;
  /** Default: `{backend}-{rate}qps[-concurrency{N}]-{model}-{date}.json`. */
  filename?: string | undefined;
  /** Keeps per-request arrays and texts in the summary file. */
  detailed: boolean;
  /** One line more in the file, instead of a new file. */
  append?: boolean | undefined;
  /** Besides, the server's own times of each request. */
  breakdown?: boolean | undefined;
  /** Top-level pairs of the summary file. */
  metadata: Readonly<Record<string, string>>;
}

export interface BenchOptions extends DatasetOptions, ArrivalOptions, StopOptions, WatchOptions {
  readonly baseUrl: string;
  readonly backend: BackendName;
  /** `{model}` in it stands for the model's name. */
  readonly endpoint: string;
  /** Default: the first of /v1/models. */
  readonly model?: string | undefined;
  readonly apiKey?: string | undefined;
  /** Sent with everything that is asked, in place of our own of the same name. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the run is called in files and reports. */
  readonly label?: string | undefined;
  /** Directory with tokenizer files of the served model, or its name in the Hugging Face cache. Default: found, see client/target.ts. */
  readonly tokenizerDir?: string | undefined;
  /** `native`: trtllm-loadgen sends and receives; `node`: this process does; `agents`: those that are named. Default: native where it is built and the URL is http. */
  readonly client: 'native' | 'node' | 'agents';
  /** host:port of each `trtllm bench agent` that sends in place of this machine. */
  readonly agents?: readonly string[] | undefined;
  readonly agentToken?: string | undefined;
  /** Path of trtllm-loadgen; undefined: not built. */
  readonly loadgen?: string | undefined;
  /** Threads of the native client. */
  readonly workers: number;
  /** The native client spins on idle cores: a halted core's wake, up to milliseconds in a virtual machine, is in no send. */
  readonly keepCoresAwake: boolean;
  /** For a model without tokenizer: ids are drawn below this. */
  readonly vocabSize?: number | undefined;
  /** Sends token ids instead of text. */
  readonly tokenizeOnClient: boolean;
  readonly maxConcurrency?: number | undefined;
  readonly ignoreEos: boolean;
  readonly stream: boolean;
  /** Sampling fields in OpenAI's spelling, for example `{ temperature: 0.7, top_p: 0.9 }`. */
  readonly sampling: Readonly<Record<string, number>>;
  /** Merged into every request body, last; a null takes its field out. */
  readonly extraBody: Readonly<Record<string, unknown>>;
  /** One uncounted request first, which also calibrates prompt lengths. */
  readonly testInput: boolean;
  /** Waits so long for a server that is not ready; 0: not at all. */
  readonly readyTimeoutMs: number;
  /** Has the server profile itself meanwhile. */
  readonly profile: boolean;
  /** A request without any progress for so long has failed. */
  readonly timeoutMs: number;
  readonly percentileMetrics: readonly Metric[];
  readonly metricPercentiles: readonly number[];
  /** Shows percentiles that the sample cannot support, marked. */
  readonly forcePercentiles: boolean;
  /** Limits in ms that a good request keeps; `itl` for the 95th percentile of its gaps. */
  readonly goodput: Readonly<Partial<Record<Metric, number>>>;
  readonly save?: SaveOptions | undefined;
}

/** Every option may be left out, or be undefined as flags that were not given are. */
type Unsettled<Options> = { [Name in keyof Options]?: Options[Name] | undefined };

export interface BenchInput extends Omit<Unsettled<BenchOptions>, 'datasetName'> {
  /** Checked here. */
  datasetName?: string | undefined;
  /** With `port`, in place of `baseUrl`. */
  host?: string | undefined;
  port?: number | undefined;
}

const SIX_HOURS_MS = 6 * 3600 * 1000;

/** Fills defaults (those of the reference tool where it has one) and refuses what cannot be meant, naming the flag. */
export function settleOptions(input: BenchInput): BenchOptions {
  const backend = input.backend ?? 'openai';
  if (!BACKEND_NAMES.includes(backend)) refuse('backend', `one of ${BACKEND_NAMES.join(', ')}`, backend);
  const endpoint = input.endpoint ?? BACKENDS[backend].path;
  const baseUrl = withoutVersion(input.baseUrl ?? `http://${input.host ?? '127.0.0.1'}:${input.port ?? 8000}`, endpoint);
  const options: BenchOptions = {
    ...DATASET_DEFAULTS,
    client: input.agents ? 'agents' : input.loadgen !== undefined && !baseUrl.startsWith('https:') ? 'native' : 'node',
    workers: 1,
    keepCoresAwake: false,
    numPrompts: defaultNumPrompts(input.datasetName),
    tokenizeOnClient: input.datasetName === 'random-ids',
    requestRate: Infinity,
    burstiness: 1,
    rescaleArrivals: false,
    traceSpeedup: defaultTraceSpeedup(input),
    stopOverSaturated: false,
    ignoreEos: false,
    headers: {},
    sampling: {},
    extraBody: {},
    testInput: true,
    readyTimeoutMs: 0,
    profile: false,
    timeoutMs: SIX_HOURS_MS,
    percentileMetrics: METRICS,
    metricPercentiles: [99],
    forcePercentiles: false,
    goodput: {},
    hostMetrics: false,
    serverMetrics: false,
    ...withoutUndefined(input),
    backend,
    stream: BACKENDS[backend].streams ?? input.stream ?? true,
    baseUrl,
    endpoint,
  };
  checkTarget(options);
  checkWorkload(options);
  checkLoad(options);
  checkReport(options);
  return Object.freeze(options);
}

/** OpenAI's clients want the /v1 in the base URL, the reference's in the endpoint; both are understood. */
function withoutVersion(baseUrl: string, endpoint: string | undefined): string {
  const base = baseUrl.replace(/\/+$/, '');
  return endpoint?.startsWith('/v1/') ? base.replace(/\/v1$/, '') : base;
}

function withoutUndefined(input: BenchInput): Partial<BenchOptions> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as Partial<BenchOptions>;
}

function checkTarget(options: BenchOptions): void {
  if (!URL.canParse(options.baseUrl) || !/^https?:/.test(options.baseUrl)) {
    refuse('base-url', 'a URL such as http://127.0.0.1:8000', options.baseUrl);
  }
  checkClient(options);
  checkHeaders(options.headers);
  const { serverMetricsUrl } = options;
  if (serverMetricsUrl !== undefined && !(URL.canParse(serverMetricsUrl) && /^https?:/.test(serverMetricsUrl))) refuse('server-metrics-url', 'a URL such as http://127.0.0.1:8002/metrics', serverMetricsUrl);
  if (!options.endpoint.startsWith('/')) refuse('endpoint', 'a path such as /v1/completions', options.endpoint);
}

function checkClient({ client, loadgen, baseUrl, workers, keepCoresAwake, agents }: BenchOptions): void {
  if (keepCoresAwake && client !== 'native') throw new TrtllmError('BAD_FLAG', `--keep-cores-awake: is the native client's, found --client ${client}`);
  if (agents) {
    checkAgents(agents);
    if (client !== 'agents') throw new TrtllmError('BAD_FLAG', `--client ${client}: agents send, each as it was told by its own --client`);
    if (workers > 1) throw new TrtllmError('BAD_FLAG', `--workers ${workers}: agents send, each with its own --workers`);
    return;
  }
  if (client !== 'native' && client !== 'node') refuse('client', 'native or node', client);
  if (client === 'native' && loadgen === undefined) throw new TrtllmError('BAD_FLAG', '--client native: trtllm-loadgen is not built; run `make native`, or give --client node');
  if (client === 'native' && baseUrl.startsWith('https:')) throw new TrtllmError('BAD_FLAG', '--client native: speaks http only; for https give --client node');
  checkInteger('workers', workers, 1);
  if (workers > 1 && client === 'node') throw new TrtllmError('BAD_FLAG', `--workers ${workers}: threads are the native client's; --client node has one`);
}

function checkWorkload(options: BenchOptions): void {
  checkDataset(options);
  checkInteger('vocab-size', options.vocabSize, 1);
  const { prompts } = BACKENDS[options.backend];
  if (options.tokenizeOnClient && prompts !== 'text or ids') {
    throw new TrtllmError('BAD_FLAG', `--tokenize-on-client: --backend ${options.backend} takes text; use --backend openai`);
  }
  if (options.loraModules.length > 0 && prompts === 'text') {
    throw new TrtllmError('BAD_FLAG', `--lora-modules: --backend ${options.backend} has no model's name in its requests; use openai or openai-chat`);
  }
  if (options.syntheticTurns > 1 && prompts !== 'messages') {
    throw new TrtllmError('BAD_FLAG', '--synthetic-turns: turns are chat messages; use --backend openai-chat');
  }
}

function checkLoad(options: BenchOptions): void {
  checkInteger('max-concurrency', options.maxConcurrency, 1);
  checkArrivals(options);
  if (!(options.readyTimeoutMs >= 0)) refuse('ready-check-timeout-sec', 'a number >= 0', options.readyTimeoutMs / 1000);
  if (!(options.timeoutMs > 0)) refuse('timeout', 'a number > 0', options.timeoutMs);
  const { maxErrorRate, maxSeconds, stopOverSaturated } = options;
  if (maxErrorRate !== undefined && !(maxErrorRate >= 0 && maxErrorRate < 1)) refuse('max-error-rate', 'a share such as 5% or 0.05', maxErrorRate);
  if (maxSeconds !== undefined && !(maxSeconds > 0)) refuse('max-seconds', 'a number > 0', maxSeconds);
  if (stopOverSaturated && !hasSteadyRate(options)) throw new TrtllmError('BAD_FLAG', '--stop-over-saturated: needs a --request-rate; elsewhere load is meant to grow, or cannot');
}

function checkReport(options: BenchOptions): void {
  for (const metric of options.percentileMetrics) {
    if (!METRICS.includes(metric)) refuse('percentile-metrics', `some of ${METRICS.join(',')}`, metric);
  }
  for (const percentile of options.metricPercentiles) {
    if (!(percentile >= 0 && percentile <= 100)) refuse('metric-percentiles', 'numbers in [0, 100]', percentile);
  }
  for (const [metric, limit] of Object.entries(options.goodput)) {
    if (!METRICS.includes(metric as Metric)) refuse('goodput', `KEY:MS with KEY one of ${METRICS.join(', ')}`, metric);
    if (!(limit >= 0)) refuse('goodput', `${metric}:MS with MS >= 0`, limit);
  }
}
