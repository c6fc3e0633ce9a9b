// The server, asked each second for what it tells of itself, by connections of its own. Nobody waits for it and nothing fails with it.
import type { Note } from '../report/bench-report.js';
import type { HeaderOptions } from '../client/request-headers.js';
import { monotonicMs } from '../client/timeline.js';
import { scrape, type Scrape } from './server-source.js';

export interface ServerScrape extends Scrape {
  /** ms of the run's monotonic clock. */
  at: number;
}

export interface ServerSeries {
  /** For each address that had something to tell, its scrapes in order; the first is from before the run. */
  sources: { url: string; scrapes: ServerScrape[] }[];
  notes: Note[];
}

export interface ServerTarget extends HeaderOptions {
  baseUrl: string;
  /** Others read the times of requests, which are gone with that. */
  leavesRequests?: boolean | undefined;
  /** Instead of the places below the base URL. */
  metricsUrl?: string | undefined;
}

const PLACES = ['/metrics', '/prometheus/metrics', '/perf_metrics'];
const PERIOD_MS = 1000;

export class ServerSampler {
  readonly #series: ServerSeries = { sources: [], notes: [] };
  readonly #found: Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<unknown> = Promise.resolve();
  #isAsking = false;

  constructor(private readonly target: ServerTarget) {
    this.#found = this.#find();
  }

  /** Once every place was tried; from then on the server is asked each second. */
  async begin(): Promise<void> {
    await this.#found;
    await this.#ask();
    this.#timer = setInterval(() => void (this.#isAsking || this.#ask()), PERIOD_MS).unref();
  }

  async end(): Promise<ServerSeries> {
    this.close();
    await this.#round;
    await this.#ask();
    return this.#series;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #find(): Promise<void> {
    const { baseUrl, metricsUrl, leavesRequests } = this.target;
    const urls = metricsUrl === undefined ? PLACES.filter((place) => !leavesRequests || place !== '/perf_metrics').map((place) => baseUrl + place) : [metricsUrl];
    const tried = await Promise.all(urls.map((url) => this.#scrape(url).then((first) => ({ url, first }), (error: Error) => ({ url, error: error.message }))));
    for (const found of tried) if ('first' in found) this.#series.sources.push({ url: found.url, scrapes: [] });
    if (this.#series.sources.length > 0) return;
    const reasons = tried.map((found) => `${new URL(found.url).pathname}: ${'error' in found ? found.error : ''}`);
    this.#series.notes.push({ code: 'server-metrics', text: `the server tells nothing of itself (${reasons.join(', ')})` });
  }

  #ask(): Promise<unknown> {
    this.#isAsking = true;
    const asked = this.#series.sources.map(async ({ url, scrapes }) => {
      const got = await this.#scrape(url).catch(() => undefined);
      if (got !== undefined) scrapes.push(got);
    });
    return (this.#round = Promise.all(asked).finally(() => (this.#isAsking = false)));
  }

  async #scrape(url: string): Promise<ServerScrape> {
    return { ...(await scrape(url, this.target)), at: monotonicMs() };
  }
}
