// Scrapes of a server -> what a report says of it during the run.
import { meanMax, type MeanMax } from './host-metrics.js';
import type { ServerFacts } from './server-facts.js';
import type { ServerScrape, ServerSeries } from './server-sampler.js';

export interface ServerMetrics {
  urls: string[];
  /** Share, 0 to 1. */
  kvUse: MeanMax | undefined;
  running: MeanMax | undefined;
  queued: MeanMax | undefined;
  steps: number | undefined;
  /** Mean over requests from arrival to the first step. */
  queueMs: number | undefined;
  /** One a scrape, of the first address that tells of use; ms from the start of the run. */
  samples: ({ at: number } & Pick<ServerFacts, 'kvUse' | 'running' | 'queued'>)[];
}

/** Undefined where the server told nothing. */
export function serverMetrics({ sources }: ServerSeries, start: number): ServerMetrics | undefined {
  if (sources.length === 0) return undefined;
  const during = sources.map(({ scrapes }) => scrapes.slice(1).flatMap(({ facts }) => facts));
  const firstOf = <T>(values: (T | undefined)[]): T | undefined => values.find((value) => value !== undefined);
  const level = (name: 'kvUse' | 'running' | 'queued'): MeanMax | undefined => firstOf(during.map((facts) => meanMax(facts.map((fact) => fact[name]))));
  const waits = sources.map(({ scrapes }) => ({ seconds: increase(scrapes, 'queueS'), count: increase(scrapes, 'queueCount') }));
  const wait = waits.find(({ count }) => (count ?? 0) > 0);
  const telling = sources.find(({ scrapes }) => scrapes.some(({ facts }) => facts.some((fact) => fact.running !== undefined || fact.kvUse !== undefined)));
  return {
    urls: sources.map(({ url }) => url),
    kvUse: level('kvUse'),
    running: level('running'),
    queued: level('queued'),
    steps: firstOf(sources.map(({ scrapes }) => increase(scrapes, 'steps'))),
    queueMs: wait?.seconds === undefined ? undefined : (1000 * wait.seconds) / wait.count!,
    samples: (telling?.scrapes ?? []).map((scrape) => sampleOf(scrape, start)),
  };
}

/** Of a count from the first scrape to the last; a server that began anew in between is not noticed. */
function increase(scrapes: readonly ServerScrape[], name: 'steps' | 'queueS' | 'queueCount'): number | undefined {
  const told = (of: readonly ServerScrape[]): number[] => of.flatMap(({ facts }) => facts.map((fact) => fact[name])).filter((value) => value !== undefined);
  if (scrapes.at(-1)?.isDrained) {
    const since = told(scrapes.slice(1));
    return since.length === 0 ? undefined : since.reduce((a, b) => a + b);
  }
  const counts = told(scrapes);
  return counts.length < 2 ? undefined : counts.at(-1)! - counts[0]!;
}

function sampleOf({ at, facts }: ServerScrape, start: number): ServerMetrics['samples'][number] {
  const mean = (name: 'kvUse' | 'running' | 'queued'): number | undefined => meanMax(facts.map((fact) => fact[name]))?.mean;
  return { at: at - start, kvUse: mean('kvUse'), running: mean('running'), queued: mean('queued') };
}
