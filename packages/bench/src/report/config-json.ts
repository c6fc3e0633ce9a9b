// What a run was told, in its result file: enough to know whether two runs asked for the same.
import type { BenchOptions } from '../bench-options.js';
import type { ArrivalOptions } from '../plan/arrival-options.js';
import type { DatasetOptions } from '../plan/dataset-options.js';

export function configJson(options: BenchOptions): Record<string, unknown> {
  return {
    base_url: options.baseUrl,
    endpoint: options.endpoint,
    dataset: options.datasetName,
    dataset_path: options.datasetPath ?? null,
    num_warmups: options.numWarmups,
    input_len: options.inputLen,
    output_len: options.outputLen,
    prefix_len: options.prefixLen,
    range_ratio: options.rangeRatio,
    token_ids_sent: options.tokenizeOnClient,
    stream: options.stream,
    ignore_eos: options.ignoreEos,
    seed: options.seed,
    salt: options.salt,
    sampling: options.sampling,
    extra_body: options.extraBody,
    goodput: options.goodput,
    force_percentiles: options.forcePercentiles,
    ...Object.fromEntries(Object.entries(PLAN_NAMES).map(([option, name]) => [name, options[option as keyof typeof PLAN_NAMES]])),
  };
}

type Named = 'datasetName' | 'datasetPath' | 'numPrompts' | 'numWarmups' | 'inputLen' | 'outputLen' | 'prefixLen' | 'rangeRatio' | 'seed' | 'salt' | 'requestRate' | 'burstiness';

/** All that remains of data set and arrivals, so that a new option cannot be forgotten; what is undefined is left out. */
const PLAN_NAMES: Record<Exclude<keyof DatasetOptions | keyof ArrivalOptions, Named> | 'vocabSize', string> = {
  vocabSize: 'vocab_size',
  loraModules: 'lora_modules',
  text: 'text',
  syntheticInputLen: 'synthetic_input_len',
  syntheticOutputLen: 'synthetic_output_len',
  syntheticPrefixLen: 'synthetic_prefix_len',
  syntheticPrefixGroups: 'synthetic_prefix_groups',
  syntheticTurns: 'synthetic_turns',
  turnDelayMs: 'turn_delay_ms',
  recordedHistory: 'recorded_history',
  sharegptOutputLen: 'sharegpt_output_len',
  sonnetInputLen: 'sonnet_input_len',
  sonnetOutputLen: 'sonnet_output_len',
  sonnetPrefixLen: 'sonnet_prefix_len',
  customOutputLen: 'custom_output_len',
  maxInputLen: 'max_input_len',
  rescaleArrivals: 'rescale_arrivals',
  rampUpStrategy: 'ramp_up_strategy',
  rampUpStartRps: 'ramp_up_start_rps',
  rampUpEndRps: 'ramp_up_end_rps',
  rateSteps: 'rate_steps',
  traceSpeedup: 'trace_speedup',
};

/** At the top level, where the reference tools have it. */
export function loadJson({ requestRate, burstiness, maxConcurrency }: BenchOptions): Record<string, unknown> {
  const orInf = (value: number): number | 'inf' => (value === Infinity ? 'inf' : value);
  return { request_rate: orInf(requestRate), burstiness: orInf(burstiness), max_concurrency: maxConcurrency ?? null };
}
