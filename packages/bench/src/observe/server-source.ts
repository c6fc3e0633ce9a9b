// One address that tells of a server: found by trying, then asked again and again.
import { requestHeaders, type HeaderOptions } from '../client/request-headers.js';
import { factsOfIterations, factsOfPrometheus, factsOfRequests, type ServerFacts } from './server-facts.js';

export interface Scrape {
  /** One, or one a step. */
  facts: ServerFacts[];
  /** What was told is gone at the server; counts are then since the last time. */
  isDrained: boolean;
}

/** As long as a server may wait for something to tell, and some. */
const PATIENCE_MS = 5000;

/** Throws where the server has nothing there, or nothing that is understood. */
export async function scrape(url: string, asked: HeaderOptions = {}): Promise<Scrape> {
  const reply = await fetch(url, { headers: requestHeaders(asked), signal: AbortSignal.timeout(PATIENCE_MS) });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`HTTP ${reply.status}`);
  if (text.trimStart().startsWith('[')) return ofRecords(JSON.parse(text) as unknown[], url);
  const facts = factsOfPrometheus(text);
  if (Object.keys(facts).length === 0) throw new Error('nothing known in it');
  return { facts: [facts], isDrained: false };
}

function ofRecords(records: readonly unknown[], url: string): Scrape {
  const isOfRequests = url.endsWith('/perf_metrics');
  return { facts: isOfRequests ? [factsOfRequests(records)] : factsOfIterations(records), isDrained: true };
}
