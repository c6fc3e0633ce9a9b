// What the server told of itself during a run: a line for people, an object for the result file.
import { rounded, spread } from './figures.js';
import type { ServerMetrics } from './server-metrics.js';

export function serverLine({ kvUse, running, queued, steps, queueMs }: ServerMetrics): string {
  const facts = [
    kvUse && `KV cache ${spread({ mean: 100 * kvUse.mean, max: 100 * kvUse.max })} % full`,
    running && `${spread(running)} requests running`,
    queued && `${spread(queued)} queued`,
    queueMs !== undefined && `${queueMs.toFixed(1)} ms in its queue at the mean`,
    steps !== undefined && `${steps} steps`,
  ].filter((fact) => fact !== false && fact !== undefined);
  return `Server: ${facts.join(', ') || 'nothing told during the run'}.`;
}

/** Times in ms from the start of the run, negative before it. */
export function serverJson(server: ServerMetrics): Record<string, unknown> {
  return {
    urls: server.urls,
    kv_use_share: server.kvUse ?? null,
    running_requests: server.running ?? null,
    queued_requests: server.queued ?? null,
    steps: server.steps ?? null,
    mean_queue_ms: server.queueMs ?? null,
    series: server.samples.map(({ at, kvUse, running, queued }) => [at, kvUse, running, queued].map(rounded)),
    series_columns: ['at_ms', 'kv_use_share', 'running_requests', 'queued_requests'],
  };
}
