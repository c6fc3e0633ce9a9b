// A static run beside the machine's limits: how near each speed came to what no schedule could beat.
import type { EngineCost } from './engine-cost.js';
import { addLimits, batchLimit, decodeLimit, prefillLimit, requestLimit, type LoadSize, type TimeLimit } from './limit.js';
import { arithmeticText, readText, type MachineLimits } from './machine-limits.js';
import type { StaticRecord } from './run-static.js';

export interface LimitShare {
  limit: TimeLimit;
  measured_s: number;
  /** limit / measured: 1 is as fast as the machine allows. */
  fraction: number;
  /** Tokens made (prefill: read) in that time. */
  tokens: number;
  /** The longer part of the limit, with its figure: "DRAM 33.0 GB/s". */
  bound: string;
}

/** `whole` is the run, under the limit of its batches. The others are sums over requests, each under the limit of one that is alone. */
export interface LimitShares {
  whole: LimitShare;
  request: LimitShare;
  prefill: LimitShare;
  /** Of requests whose tokens did not all come at once; undefined if there is none. */
  decode: LimitShare | undefined;
}

export const SHARE_NAMES: Record<keyof LimitShares, string> = { whole: 'whole run', request: 'a request alone', prefill: 'a prompt alone', decode: 'its tokens after the first' };

/** @param streams sequences in one step at most */
export function limitShares(cost: EngineCost, machine: MachineLimits, records: readonly StaticRecord[], streams: number, total_s: number): LimitShares {
  const size = ({ input_tokens, output_ids }: StaticRecord): LoadSize => ({ input_tokens, output_tokens: output_ids.length });
  const spent = (of: readonly StaticRecord[], from: 'start' | 'first', to: 'first' | 'end') => of.reduce((sum, record) => sum + (record[to] - record[from]) / 1000, 0);
  const alone = (limit: typeof requestLimit, of: readonly StaticRecord[]) => of.map((record) => limit(cost, machine, size(record))).reduce(addLimits);
  const share = (limit: TimeLimit, measured_s: number, tokens: number): LimitShare => ({ limit, measured_s, fraction: limit.seconds / measured_s, tokens, bound: limit.arithmetic_s > limit.memory_s ? arithmeticText(machine) : readText(machine) });
  const several = records.filter(({ first, end }) => end > first);
  const outputs = records.reduce((sum, { output_ids }) => sum + output_ids.length, 0);
  const inputs = records.reduce((sum, { input_tokens }) => sum + input_tokens, 0);
  const requests = alone(requestLimit, records);
  return {
    whole: share(streams === 1 ? requests : batchLimit(cost, machine, records.map(size), streams), total_s, outputs),
    request: share(requests, spent(records, 'start', 'end'), outputs),
    prefill: share(alone(prefillLimit, records), spent(records, 'start', 'first'), inputs),
    decode: several.length === 0 ? undefined : share(alone(decodeLimit, several), spent(several, 'first', 'end'), several.reduce((sum, { output_ids }) => sum + output_ids.length - 1, 0)),
  };
}
