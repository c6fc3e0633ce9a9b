// The command line of Triton's benchmark_core_model.py -> that of `trtllm bench`: the same requests at the same times.
import { Flags, type Interfaces } from '@oclif/core';
import { notYetFlags, refuseNotYet, type NotYet } from './not-yet-flags.js';
import { badFlag, finite } from './numbers.js';

const NOT_YET: NotYet = {
  decoupled: false,
  'stream-timeout': [],
  'op-tokens-per-word': ['1.3'],
  'op-stats-csv': [],
  'dump-perfetto-trace': false,
  'check-perf-json': [],
  'check-perf-key': [],
  'check-perf-atol': ['50'],
  'check-perf-rtol': ['0.05'],
};
/** Takes tensors only; what takes text stands before it. */
const TENSOR_MODEL = 'tensorrt_llm';
const WARM_UPS = 10;

export const CORE_MODEL_SOURCES = ['dataset', 'token-norm-dist', 'token-from-histogram'] as const;

export const CORE_MODEL_FLAGS = {
  url: Flags.string({ char: 'u', default: 'localhost:8000', helpValue: 'HOST:PORT' }),
  protocol: Flags.option({ char: 'i', options: ['http', 'grpc'] as const, default: 'http' as const, description: 'http; by grpc nothing is sent yet' })(),
  concurrency: Flags.integer({ char: 'c', default: 128, min: 1 }),
  'request-rate': Flags.string({ default: '-1', description: 'requests a second; -1: as soon as a slot is free' }),
  'time-delay-dist': Flags.option({ options: ['exponential_dist', 'constant'] as const, default: 'exponential_dist' as const })(),
  'num-requests': Flags.integer({ min: 1, description: '[default: 30000; dataset: all of the file]' }),
  'max-input-len': Flags.integer({ min: 1, required: true, description: 'longer prompts of a data set are left out' }),
  'tensorrt-llm-model-name': Flags.string({ description: `model that takes text [default: ensemble, which stands before ${TENSOR_MODEL}]` }),
  'tokenizer-dir': Flags.string({ description: 'tokenizer of the served model; needed by token-norm-dist too, since prompts go as text' }),
  'tokenizer-type': Flags.string({ hidden: true, description: 'accepted: the folder tells' }),
  dataset: Flags.string({ helpValue: 'FILE', description: 'dataset: JSON list of { input, instruction, output }' }),
  'input-mean': Flags.integer({ min: 1 }),
  'input-stdev': Flags.integer({ min: 0 }),
  'output-mean': Flags.integer({ min: 1 }),
  'output-stdev': Flags.integer({ min: 0 }),
  'histogram-key': Flags.string({ hidden: true }),
  'exclude-input-in-output': Flags.boolean({ hidden: true, description: 'accepted: the prompt is never in the output' }),
  'test-llmapi': Flags.boolean({ hidden: true, description: 'accepted: both spellings of the fields are sent' }),
  verbose: Flags.boolean({ char: 'v', hidden: true, description: 'accepted' }),
  ...notYetFlags(NOT_YET),
};

type CoreModelFlags = Interfaces.InferredFlags<typeof CORE_MODEL_FLAGS>;

export function coreModelArgv(source: (typeof CORE_MODEL_SOURCES)[number], flags: CoreModelFlags): string[] {
  refuseNotYet('bench core-model', NOT_YET, flags);
  if (flags.protocol === 'grpc') throw badFlag('--protocol grpc: is not supported yet; -i http and the port of HTTP (8000)');
  const model = flags['tensorrt-llm-model-name'];
  return [
    '--backend=triton-generate',
    ...given('--base-url', `http://${flags.url}`),
    ...given('--model', model === TENSOR_MODEL ? undefined : model),
    ...given('--tokenizer', flags['tokenizer-dir']),
    ...given('--max-concurrency', flags.concurrency),
    ...given('--num-warmups', WARM_UPS),
    ...arrivals(flags),
    ...SOURCES[source](flags),
  ];
}

function arrivals(flags: CoreModelFlags): string[] {
  const rate = finite(flags['request-rate'], '--request-rate');
  if (rate < 0) return [];
  return ['--request-rate', String(rate), ...(flags['time-delay-dist'] === 'constant' ? ['--burstiness', 'inf'] : [])];
}

const SOURCES: Record<(typeof CORE_MODEL_SOURCES)[number], (flags: CoreModelFlags) => string[]> = {
  dataset: (flags) => {
    if (flags.dataset === undefined) throw badFlag('dataset: needs --dataset FILE');
    return ['--dataset-name', 'custom', '--dataset-path', flags.dataset, '--max-input-len', String(flags['max-input-len']), ...given('--num-prompts', flags['num-requests'])];
  },
  'token-norm-dist': (flags) => {
    const parts = ['input-mean', 'input-stdev', 'output-mean', 'output-stdev'] as const;
    const lengths = parts.flatMap((part) => {
      if (flags[part] === undefined) throw badFlag(`token-norm-dist: needs --${part}`);
      return given(`--${part}`, flags[part]);
    });
    return ['--dataset-name', 'token-norm-dist', ...lengths, '--num-prompts', String(flags['num-requests'] ?? 30_000)];
  },
  'token-from-histogram': () => {
    throw badFlag("token-from-histogram: the histograms are the script's own; give yours with trtllm bench --dataset-name synthetic --synthetic-input-len histogram:FILE --synthetic-output-len histogram:FILE");
  },
};

function given(flag: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [flag, String(value)];
}
