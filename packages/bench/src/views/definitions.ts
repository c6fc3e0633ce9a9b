// What the words of a report mean, one line each.

export const DEFINITIONS: readonly [word: string, meaning: string][] = [
  ['TTFT', 'first content - sent'],
  ['TPOT', '(last content - first content) / (output tokens - 1), one value a request'],
  ['ITL', 'gaps between output tokens, pooled over requests; tokens of one read share the wait for it'],
  ['E2EL', 'last content - sent'],
  ['output tok/s', 'output tokens of completed requests / time from first send to last end; total tok/s counts input tokens too'],
  ['tok/s per user', 'mean over requests of output tokens / E2EL'],
  ['goodput', 'requests a second that keep every limit given with --goodput'],
  ['mean conc.', 'sum of E2EL / time from first send to last end'],
  ['percentiles', 'linear between order statistics; those that a sample is too small to bound at 95 % are not shown, or marked *; > marks those beyond a time limit'],
  ['failed requests', 'in no latency and no throughput'],
];
