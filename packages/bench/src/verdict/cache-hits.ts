// Prompts were answered from the server's prefix cache although the plan shares no text: the server tells so, or requests with a prompt
// that had been sent before came back sooner than that one.
import type { RequestRecord } from '../client/request-record.js';
import { effectiveSize } from '../statistics/effective-size.js';
import { completedOf, firstWave, medianOf, waitOf, type Evidence } from './evidence.js';
import { countOf, TOLERATED_SHARE, type Finding } from './finding.js';

// Of a chat template, which servers cache by blocks of some 16 tokens.
const TEMPLATE_TOKENS = 64;
const FEWEST_PAIRS = 12;
const SIGMAS = 3.5;
/** Of the time that the first took, at the median; and how many pairs are so. */
const QUICKER = 0.7;
const LEAST_QUICKER = 0.9;
const MEND = 'use another --seed or more distinct prompts, or turn the cache off or empty it before the run';

export function cacheHits(evidence: Evidence): Finding | undefined {
  const told = evidence.expectsCacheHits ? undefined : toldHits(completedOf(evidence), evidence.isChat);
  return told ?? quickerRepeats(evidence);
}

function toldHits(completed: readonly RequestRecord[], isChat: boolean): Finding | undefined {
  const lengthOf = ({ serverInput, plannedInput }: RequestRecord): number => serverInput ?? plannedInput;
  const shared = (record: RequestRecord): number => (isChat ? Math.min(TEMPLATE_TOKENS, lengthOf(record) / 2) : 0);
  const hits = completed.map((record) => Math.max(0, (record.cachedInput ?? 0) - shared(record)));
  const cached = hits.reduce((sum, tokens) => sum + tokens, 0);
  const input = completed.reduce((sum, record) => sum + lengthOf(record), 0);
  if (cached <= TOLERATED_SHARE * input) return undefined;
  const requests = hits.filter((tokens) => tokens > 0).length;
  return { fault: 'cache-hits', evidence: `${((100 * cached) / input).toFixed(1)} % of prompt tokens, in ${countOf(requests, completed.length)} requests`, mend: MEND };
}

/** One pair a prompt, its first time against its second, by a sign test on as many as neighbours alike are worth. The first wave's waits are of another load. */
function quickerRepeats(evidence: Evidence): Finding | undefined {
  const { repeats } = evidence;
  const firsts = new Map(completedOf(evidence).slice(firstWave(evidence)).filter(({ index }) => !repeats.has(index)).map((record) => [record.index, waitOf(record)]));
  const ratios: number[] = [];
  for (const record of completedOf(evidence)) {
    const original = repeats.get(record.index);
    const wait = original === undefined ? undefined : firsts.get(original);
    if (wait === undefined) continue;
    firsts.delete(original!);
    ratios.push(waitOf(record) / wait);
  }
  if (ratios.length < FEWEST_PAIRS) return undefined;
  const isQuicker = ratios.map((ratio) => (ratio < 1 ? 1 : 0));
  const quicker = isQuicker.filter((sign) => sign === 1).length;
  const share = quicker / ratios.length;
  const median = medianOf(ratios)!;
  // Pairs that remember each other for too long are worth one.
  const isNoChance = share - 0.5 > SIGMAS * Math.sqrt(0.25 / (effectiveSize(isQuicker)?.size ?? 1));
  if (!isNoChance || share < LEAST_QUICKER || median > QUICKER) return undefined;
  return { fault: 'cache-hits', evidence: `${countOf(quicker, ratios.length)} repeated prompts were answered sooner than the first time, in ${(100 * median).toFixed(0)} % of the time at the median`, mend: MEND };
}
