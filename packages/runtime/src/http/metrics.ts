// GET /metrics: the iteration records since the last poll, as a JSON array. Draining, as TensorRT-LLM's.
import type { Stats } from '@trtllm/protocol';
import { LIMITS } from './limits.js';

type Json = unknown;

export class MetricsRing {
  private records: Stats['records'] = [];

  add(stats: Stats): void {
    this.records.push(...stats.records);
    if (this.records.length > LIMITS.metrics_records) this.records = this.records.slice(-LIMITS.metrics_records);
  }

  /** The records, keys sorted; gone afterwards. */
  drain(): Json[] {
    const drained = this.records.map(sortKeys);
    this.records = [];
    return drained;
  }
}

function sortKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sortKeys(each)]));
}
