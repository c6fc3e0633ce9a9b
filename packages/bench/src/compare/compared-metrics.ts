// What two servers or two stored results are compared by: one figure decides, chosen beforehand. Latencies are those of a typical request.

export const AB_METRICS = ['output_throughput', 'request_throughput', 'ttft', 'tpot', 'itl', 'e2el'] as const;
export type AbMetric = (typeof AB_METRICS)[number];

export const isThroughput = (metric: AbMetric): boolean => metric.endsWith('throughput');
