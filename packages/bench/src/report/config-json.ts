// What a run was told, in its result file: enough to know whether two runs asked for the same.
import type { BenchOptions } from '../bench-options.js';

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
  };
}

/** At the top level, where the reference tools have it. */
export function loadJson({ requestRate, burstiness, maxConcurrency }: BenchOptions): Record<string, unknown> {
  const orInf = (value: number): number | 'inf' => (value === Infinity ? 'inf' : value);
  return { request_rate: orInf(requestRate), burstiness: orInf(burstiness), max_concurrency: maxConcurrency ?? null };
}
