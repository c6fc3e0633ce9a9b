// What is watched beside the requests of a run, as far as it was asked for.
import type { Note } from '../report/bench-report.js';
import { HostSampler } from './host-sampler.js';
import { hostMetrics, type HostMetrics } from './host-metrics.js';
import { serverMetrics, type ServerMetrics } from './server-metrics.js';
import { ServerSampler } from './server-sampler.js';

export interface WatchOptions {
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly hostMetrics: boolean;
  /** Asks the places below the base URL where servers tell of themselves. */
  readonly serverMetrics: boolean;
  /** Asks there instead. */
  readonly serverMetricsUrl?: string | undefined;
}

export interface Observed {
  host?: HostMetrics | undefined;
  server?: ServerMetrics | undefined;
  notes: Note[];
}

export class RunWatch {
  readonly #host: HostSampler | undefined;
  readonly #server: ServerSampler | undefined;

  constructor({ baseUrl, apiKey, headers, hostMetrics, serverMetrics, serverMetricsUrl }: WatchOptions) {
    this.#host = hostMetrics ? new HostSampler() : undefined;
    this.#server = serverMetrics || serverMetricsUrl !== undefined ? new ServerSampler({ baseUrl, metricsUrl: serverMetricsUrl, apiKey, headers }) : undefined;
  }

  /** Before the first request: what is counted from here on is the run's. */
  async begin(): Promise<void> {
    await this.#server?.begin();
  }

  /** `start` of the run in ms of the monotonic clock. */
  async end(start: number): Promise<Observed> {
    const [host, server] = await Promise.all([this.#host?.end(), this.#server?.end()]);
    return { host: host && hostMetrics(host, start), server: server && serverMetrics(server, start), notes: server?.notes ?? [] };
  }

  /** Of a run that came to nothing, or after `end`. */
  close(): void {
    this.#host?.close();
    this.#server?.close();
  }
}
