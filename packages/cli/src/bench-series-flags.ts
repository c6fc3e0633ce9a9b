// Flags of `trtllm bench` that ask for more runs than one: a search for the highest load under limits, a sweep over levels.
import { Flags, type Interfaces } from '@oclif/core';
import type { ServerSearch, Slo } from '@trtllm/bench';
import { levels } from './levels.js';
import { badFlag, inRange, share } from './numbers.js';

const SEARCH = 'SEARCH';

export const SEARCH_FLAGS = {
  search: Flags.option({ options: ['rate', 'concurrency'] as const, description: 'find the highest one that keeps every --slo; --num-prompts is that of a short probe', helpGroup: SEARCH })(),
  slo: Flags.string({ multiple: true, description: 'limit on a percentile, e.g. ttft:p99:500 tpot:p95:50; of ttft, tpot, e2el, itl', helpValue: 'KEY:pP:MS ...', helpGroup: SEARCH }),
  'search-range': Flags.string({ description: '[default: rate: what the capacity leaves, by one run all at once; concurrency: 1-512]', helpValue: 'LOW-HIGH', helpGroup: SEARCH }),
  'search-probes': Flags.integer({ default: 8, min: 4, description: 'runs at most', helpGroup: SEARCH }),
  'search-precision': Flags.string({ default: '3%', description: 'known well enough, either way, with 95 %', helpGroup: SEARCH }),
};

type SearchFlagValues = Interfaces.InferredFlags<typeof SEARCH_FLAGS>;

/** Undefined: no search. */
export function searchInput(flags: SearchFlagValues): Omit<ServerSearch, 'probe'> | undefined {
  if (flags.search === undefined) {
    if (flags.slo !== undefined) throw badFlag('--slo: say with --search rate or --search concurrency what is sought (to count requests that keep limits: --goodput)');
    return undefined;
  }
  return {
    over: flags.search,
    slos: (flags.slo ?? []).flatMap((text) => text.split(/[\s,]+/)).filter((text) => text !== '').map(sloOf),
    range: flags['search-range'] === undefined ? undefined : rangeOf(flags['search-range']),
    maxProbes: flags['search-probes'],
    precision: share(flags['search-precision'], '--search-precision'),
  };
}

function sloOf(text: string): Slo {
  const found = /^(ttft|tpot|itl|e2el):p(\d+\.?\d*):(.+)$/.exec(text);
  if (found === null) throw badFlag(`--slo ${text}: expected KEY:pP:MS such as ttft:p99:500, KEY one of ttft, tpot, itl, e2el`);
  const limitMs = inRange(found[3]!, `--slo ${text}:`, 0.001);
  return { metric: found[1] as Slo['metric'], percent: inRange(found[2]!, `--slo ${text}:`, 1, 99.99), limitMs };
}

function rangeOf(text: string): { lowest: number; highest: number } {
  const found = /^(\d+\.?\d*)-(\d+\.?\d*)$/.exec(text);
  if (found === null) throw badFlag(`--search-range ${text}: expected LOW-HIGH such as 1-64`);
  return { lowest: Number(found[1]), highest: Number(found[2]) };
}

/** What --max-concurrency or --request-rate asks to be swept; undefined: neither has more than one level. */
export function sweptLevels(flags: { 'max-concurrency'?: string | undefined; 'request-rate'?: string | undefined }): { over: 'concurrency' | 'rate'; levels: number[] } | undefined {
  const of = (flag: 'max-concurrency' | 'request-rate'): number[] => (flags[flag] === undefined ? [] : levels(flags[flag], `--${flag}`));
  const [concurrencies, rates] = [of('max-concurrency'), of('request-rate')];
  if (concurrencies.length > 1 && rates.length > 1) throw badFlag('--max-concurrency and --request-rate: one of them may have several levels, not both');
  if (rates.length > 1) return { over: 'rate', levels: rates };
  return concurrencies.length > 1 ? { over: 'concurrency', levels: concurrencies } : undefined;
}

/** --resume: points are found by the name that --result-filename gives them. */
export function resumes(flags: { resume: boolean; 'result-filename'?: string | undefined; 'append-result': boolean }, isSweep: boolean): boolean {
  if (!flags.resume) return false;
  if (!isSweep) throw badFlag('--resume: goes on with a sweep; give several levels of --max-concurrency or --request-rate');
  if (flags['result-filename'] === undefined) throw badFlag('--resume: needs the --result-filename of the sweep before, by which its points are found');
  if (flags['append-result']) throw badFlag('--resume: a file of several results is no point of a sweep; leave out --append-result');
  return true;
}
