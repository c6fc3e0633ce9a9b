// Flags of `trtllm bench` that say what is asked and when: data set, lengths, arrivals. Names and defaults of the reference's
// benchmark_serving.py, and of vLLM's `bench serve` where that has more.
import { Flags, type Interfaces } from '@oclif/core';
import type { BenchInput } from '@trtllm/bench';
import { oneLevel } from './levels.js';
import { badFlag, finite, inRange } from './numbers.js';

const WORKLOAD = 'WORKLOAD';
const LENGTHS = 'LENGTHS';
const LOAD = 'LOAD';

const DISTRIBUTION_FLAGS = {
  'input-mean': distributionFlag('token-norm-dist: prompt tokens'),
  'input-stdev': distributionFlag(),
  'output-mean': distributionFlag('token-norm-dist: output tokens'),
  'output-stdev': distributionFlag(),
  'input-min': distributionFlag('token-unif-dist: prompt tokens, ends included'),
  'input-max': distributionFlag(),
  'output-min': distributionFlag('token-unif-dist: output tokens, ends included'),
  'output-max': distributionFlag(),
};

function distributionFlag(description?: string) {
  return Flags.integer({ min: 0, helpGroup: LENGTHS, ...(description !== undefined && { description }) });
}

export const BENCH_PLAN_FLAGS = {
  'dataset-name': Flags.string({ default: 'random', description: 'random, random-ids, synthetic, token-norm-dist, token-unif-dist, sharegpt, sonnet, burstgpt, azure, mooncake, custom, trtllm_custom', helpGroup: WORKLOAD }),
  'dataset-path': Flags.string({ description: 'its file, .gz or not; random and sonnet take one for their texts', helpValue: 'FILE', helpGroup: WORKLOAD }),
  'num-prompts': Flags.integer({ aliases: ['num-requests'], description: '[default: 1000; custom: all of the file]', helpGroup: WORKLOAD }),
  'num-warmups': Flags.integer({ default: 0, description: 'uncounted requests of the same kind before, at the same load; other texts', helpGroup: WORKLOAD }),
  'tokenize-on-client': Flags.boolean({ description: 'send token ids instead of text', helpGroup: WORKLOAD }),
  'vocab-size': Flags.integer({ description: 'for a model without a tokenizer', helpGroup: WORKLOAD }),
  seed: Flags.integer({ default: 0, description: 'same seed, same prompts and arrivals', helpGroup: WORKLOAD }),
  salt: Flags.string({ description: 'other texts of the same lengths, which no server has in its cache [default: drawn texts differ with load and lengths]', helpGroup: WORKLOAD }),
  text: Flags.option({ options: ['words', 'natural'] as const, description: 'random, synthetic: random words or prose', helpGroup: WORKLOAD })(),
  'recorded-history': Flags.boolean({ description: "conversations: history of the file's answers, not the server's", helpGroup: WORKLOAD }),
  'turn-delay': Flags.string({ default: '0', description: 'seconds between turns of a conversation', helpGroup: WORKLOAD }),

  'random-input-len': Flags.integer({ default: 1024, description: 'prompt tokens, exactly', helpGroup: LENGTHS }),
  'random-output-len': Flags.integer({ default: 128, helpGroup: LENGTHS }),
  'random-prefix-len': Flags.integer({ default: 0, description: 'tokens that all prompts begin with, besides', helpGroup: LENGTHS }),
  'random-range-ratio': Flags.string({ default: '0', description: 'r: lengths uniform in [L(1-r), L(1+r)]', helpGroup: LENGTHS }),
  'random-ids': Flags.boolean({ hidden: true, description: 'random words, also where --dataset-path is given' }),
  'synthetic-input-len': Flags.string({ description: 'N, uniform:A,B, ratio:L,R, floor:L,R, normal:MEAN,SD, lognormal:MEDIAN,SIGMA, histogram:FILE [default: 1024]', helpValue: 'LAW', helpGroup: LENGTHS }),
  'synthetic-output-len': Flags.string({ description: '[default: 128]', helpValue: 'LAW', helpGroup: LENGTHS }),
  'synthetic-prefix-len': Flags.integer({ description: 'tokens that prompts of a group begin with, besides', helpGroup: LENGTHS }),
  'synthetic-prefix-groups': Flags.string({ description: 'weights of the groups, e.g. 3,1,1', helpGroup: LENGTHS }),
  'synthetic-turns': Flags.integer({ description: 'turns of a conversation', helpGroup: LENGTHS }),
  'sharegpt-output-len': Flags.integer({ description: "in place of the answers' own length", helpGroup: LENGTHS }),
  'sonnet-input-len': Flags.integer({ default: 550, helpGroup: LENGTHS }),
  'sonnet-output-len': Flags.integer({ default: 150, helpGroup: LENGTHS }),
  'sonnet-prefix-len': Flags.integer({ default: 200, helpGroup: LENGTHS }),
  ...DISTRIBUTION_FLAGS,
  'custom-output-len': Flags.integer({ description: 'for lines that say nothing', helpGroup: LENGTHS }),
  'max-input-len': Flags.integer({ description: 'traces, custom: leave out longer prompts', helpGroup: LENGTHS }),

  'request-rate': Flags.string({ description: 'requests a second; inf: as soon as a slot is free; several as for --max-concurrency [default: inf]', helpGroup: LOAD }),
  burstiness: Flags.string({ default: '1', description: 'gamma shape of the gaps: 1 Poisson, inf constant', helpGroup: LOAD }),
  'rescale-arrivals': Flags.boolean({ description: 'stretch the drawn gaps to end at N / rate, as vLLM does', helpGroup: LOAD }),
  'ramp-up-strategy': Flags.option({ options: ['linear', 'exponential'] as const, description: 'a rate that changes until the last request', helpGroup: LOAD })(),
  'ramp-up-start-rps': Flags.string({ helpGroup: LOAD }),
  'ramp-up-end-rps': Flags.string({ helpGroup: LOAD }),
  'rate-steps': Flags.string({ description: 'rates one after the other, e.g. 1:30,2:30,4:30', helpValue: 'RATE:SECONDS,...', helpGroup: LOAD }),
  'trace-speedup': Flags.string({ description: 'send at the times of a trace, so many times faster [default for azure, mooncake: 1]', helpGroup: LOAD }),
};

type PlanFlagValues = Interfaces.InferredFlags<typeof BENCH_PLAN_FLAGS>;

export function planInput(flags: PlanFlagValues): BenchInput {
  return { ...datasetInput(flags), ...arrivalInput(flags) };
}

function datasetInput(flags: PlanFlagValues): BenchInput {
  const isSynthesised = flags['random-ids'] && flags['dataset-name'] === 'random';
  return {
    datasetName: flags['dataset-name'],
    datasetPath: isSynthesised ? undefined : flags['dataset-path'],
    numPrompts: flags['num-prompts'],
    numWarmups: flags['num-warmups'],
    tokenizeOnClient: flags['tokenize-on-client'] || undefined,
    vocabSize: flags['vocab-size'],
    seed: flags.seed,
    salt: flags.salt,
    text: flags.text,
    recordedHistory: flags['recorded-history'],
    turnDelayMs: 1000 * finite(flags['turn-delay'], '--turn-delay'),
    inputLen: flags['random-input-len'],
    outputLen: flags['random-output-len'],
    prefixLen: flags['random-prefix-len'],
    rangeRatio: finite(flags['random-range-ratio'], '--random-range-ratio'),
    syntheticInputLen: flags['synthetic-input-len'],
    syntheticOutputLen: flags['synthetic-output-len'],
    syntheticPrefixLen: flags['synthetic-prefix-len'],
    syntheticPrefixGroups: flags['synthetic-prefix-groups']?.split(',').map((text) => inRange(text.trim(), '--synthetic-prefix-groups', 0)),
    syntheticTurns: flags['synthetic-turns'],
    sharegptOutputLen: flags['sharegpt-output-len'],
    sonnetInputLen: flags['sonnet-input-len'],
    sonnetOutputLen: flags['sonnet-output-len'],
    sonnetPrefixLen: flags['sonnet-prefix-len'],
    customOutputLen: flags['custom-output-len'],
    maxInputLen: flags['max-input-len'],
    ...distributionInput(flags),
  };
}

const LAWS = {
  'token-norm-dist': { law: 'normal', parts: ['mean', 'stdev'] },
  'token-normal-dist': { law: 'normal', parts: ['mean', 'stdev'] },
  'token-unif-dist': { law: 'uniform', parts: ['min', 'max'] },
} as const;

/** benchmark_core_model's and prepare-dataset's names for two laws of the synthetic data set. */
function distributionInput(flags: PlanFlagValues): BenchInput {
  const name = flags['dataset-name'].replaceAll('_', '-');
  if (!(name in LAWS)) return {};
  const { law, parts } = LAWS[name as keyof typeof LAWS];
  const text = (side: 'input' | 'output'): string => {
    const numbers = parts.map((part) => {
      const number = flags[`${side}-${part}`];
      if (number === undefined) throw badFlag(`--${side}-${part}: needed for --dataset-name ${name}`);
      return number;
    });
    return `${law}:${numbers.join(',')}`;
  };
  return { datasetName: 'synthetic', syntheticInputLen: text('input'), syntheticOutputLen: text('output') };
}

function arrivalInput(flags: PlanFlagValues): BenchInput {
  return {
    requestRate: oneLevel(flags['request-rate'], '--request-rate'),
    burstiness: numberOrInf(flags.burstiness, '--burstiness'),
    rescaleArrivals: flags['rescale-arrivals'],
    rampUpStrategy: flags['ramp-up-strategy'],
    rampUpStartRps: numberOrInf(flags['ramp-up-start-rps'], '--ramp-up-start-rps'),
    rampUpEndRps: numberOrInf(flags['ramp-up-end-rps'], '--ramp-up-end-rps'),
    rateSteps: flags['rate-steps']?.split(',').map(rateStep),
    traceSpeedup: numberOrInf(flags['trace-speedup'], '--trace-speedup'),
  };
}

function numberOrInf(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  return text === 'inf' ? Infinity : finite(text, flag);
}

function rateStep(text: string): { rate: number; seconds: number } {
  const [rate, seconds, ...rest] = text.trim().split(':');
  if (seconds === undefined || rest.length > 0) throw badFlag(`--rate-steps ${text}: expected RATE:SECONDS`);
  return { rate: finite(rate!, '--rate-steps'), seconds: finite(seconds, '--rate-steps') };
}
