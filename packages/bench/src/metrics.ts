// The four latencies every report names. Definitions:
//   ttft  first content - sent            itl   gaps between tokens, exactly n - 1 of them
//   e2el  last content - sent             tpot  (last content - first content) / (n - 1)
// and ttfo, the ttft of the answer, where reasoning comes before it; icl, gaps between reads that brought content: what other tools print as ITL.

export const METRICS = ['ttft', 'tpot', 'itl', 'e2el'] as const;
export type Metric = (typeof METRICS)[number];

export const METRIC_TITLES: Readonly<Record<Metric, string>> = {
  ttft: 'Time to First Token',
  tpot: 'Time per Output Token (excl. 1st token)',
  itl: 'Inter-token Latency',
  e2el: 'End-to-end Latency',
};
