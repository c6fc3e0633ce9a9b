// What is watched beside the requests of a run, as far as it was asked for.
import { HostSampler } from './host-sampler.js';
import { hostMetrics, type HostMetrics } from './host-metrics.js';

export interface WatchOptions {
  readonly hostMetrics: boolean;
}

export interface Observed {
  host?: HostMetrics | undefined;
}

export class RunWatch {
  readonly #host: HostSampler | undefined;

  constructor(options: WatchOptions) {
    this.#host = options.hostMetrics ? new HostSampler() : undefined;
  }

  /** `start` of the run in ms of the monotonic clock. */
  async end(start: number): Promise<Observed> {
    const host = await this.#host?.end();
    return { host: host && hostMetrics(host, start) };
  }

  /** Of a run that came to nothing, or after `end`. */
  close(): void {
    this.#host?.close();
  }
}
