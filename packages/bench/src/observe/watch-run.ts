// What is watched beside the requests of a run, as far as it was asked for.
import type { Note } from '../report/bench-report.js';
import { HostSampler } from './host-sampler.js';
import { hostMetrics, type HostMetrics } from './host-metrics.js';
import { serverMetrics, type ServerMetrics } from './server-metrics.js';
import { forgetRequests, requestBreakdown, type BreakdownTarget, type RequestBreakdown } from './request-breakdown.js';
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

interface BreakdownOption {
  /** The server's own times of each request. */
  breaksDown: boolean;
}

export interface Observed {
  host?: HostMetrics | undefined;
  server?: ServerMetrics | undefined;
  breakdown?: RequestBreakdown | undefined;
  notes: Note[];
}

export class RunWatch {
  readonly #host: HostSampler | undefined;
  readonly #server: ServerSampler | undefined;

  readonly #requests: BreakdownTarget | undefined;

  constructor({ baseUrl, apiKey, headers, hostMetrics, serverMetrics, serverMetricsUrl, breaksDown }: WatchOptions & BreakdownOption) {
    this.#requests = breaksDown ? { baseUrl, apiKey, headers } : undefined;
    this.#host = hostMetrics ? new HostSampler() : undefined;
    this.#server = serverMetrics || serverMetricsUrl !== undefined ? new ServerSampler({ baseUrl, metricsUrl: serverMetricsUrl, leavesRequests: breaksDown, apiKey, headers }) : undefined;
  }

  /** Before the first request: what is counted from here on is the run's. */
  async begin(): Promise<void> {
    if (this.#requests) await forgetRequests(this.#requests);
    await this.#server?.begin();
  }

  /** `start` of the run in ms of the monotonic clock; of the requests `answered`, the first `warmUps` do not count. */
  async end(start: number, answered: number, warmUps: number): Promise<Observed> {
    const [host, server] = await Promise.all([this.#host?.end(), this.#server?.end()]);
    const times = this.#requests && (await requestBreakdown(this.#requests, answered, warmUps));
    return { host: host && hostMetrics(host, start), server: server && serverMetrics(server, start), breakdown: times?.breakdown, notes: [...(server?.notes ?? []), ...(times?.notes ?? [])] };
  }

  /** Of a run that came to nothing, or after `end`. */
  close(): void {
    this.#host?.close();
    this.#server?.close();
  }
}
