// Flags of `trtllm bench throughput` and `latency`: those of trtllm-bench, which take an engine and a dataset instead of a server.
import { Flags, type Interfaces } from '@oclif/core';
import { ENGINE, ENGINE_FLAGS, targetItlFlag } from './engine-flags.js';
import { REPORT_FLAG } from './report-flag.js';
import { notYetFlags, type NotYet } from './not-yet-flags.js';

const DATASET = 'DATASET';
const REPORT = 'REPORT';
/** A prompt is not cut for others' sake. */
export const STATIC_TARGET_ITL_MS = 0;

/** Of trtllm-bench, not done: refused unless they ask for nothing. */
export const STATIC_NOT_YET: NotYet = {
  tp: ['1'],
  pp: ['1'],
  ep: ['1'],
  'cluster-size': ['1'],
  'beam-width': ['1'],
  'sampler-options': [],
  modality: [],
  'max-input-len': [],
  'medusa-choices': [],
  'custom-module-dirs': [],
  revision: [],
  'mamba-ssm-cache-dtype': ['auto'],
  'image-data-format': ['pt', 'pil'],
  'data-device': ['cuda', 'cpu'],
};

export const STATIC_FLAGS = {
  model: Flags.string({ char: 'm', description: 'engine or checkpoint directory; with --engine-dir or --model-path only a name for the report' }),
  'engine-dir': Flags.string({ description: 'engine directory', helpValue: 'DIR' }),
  'model-path': Flags.string({ description: 'checkpoint directory: built first into the cache, as trtllm serve does', helpValue: 'DIR' }),
  qformat: Flags.option({ options: ['full_prec', 'int8_wo', 'int8_dyn', 'int4_wo', 'w4a8'] as const, description: 'with a checkpoint: quantized weights, as trtllm build makes them' })(),
  workspace: Flags.string({ char: 'w', hidden: true, description: 'accepted: engines are kept in the cache' }),
  backend: Flags.option({ options: ['pytorch', 'tensorrt', '_autodeploy'] as const, description: 'accepted: there is one engine', hidden: true })(),

  dataset: Flags.string({ description: 'JSON lines as trtllm bench prepare-dataset writes them', helpValue: 'FILE', helpGroup: DATASET }),
  'dataset-type': Flags.option({ options: ['synthetic'] as const, description: 'random ids instead of a file', helpGroup: DATASET, exclusive: ['dataset'] })(),
  'num-requests': Flags.integer({ default: 0, min: 0, description: 'requests at most; 0: the whole dataset (synthetic: 100)', helpGroup: DATASET }),
  'target-input-len': Flags.integer({ min: 1, description: 'synthetic: prompt tokens [default: 128]', helpGroup: DATASET }),
  'target-output-len': Flags.integer({ min: 1, description: 'synthetic: output tokens [default: 128]', helpGroup: DATASET }),
  seed: Flags.integer({ default: 420, min: 0, description: 'same seed, same synthetic requests and warm-up', helpGroup: DATASET }),
  'eos-id': Flags.integer({ default: -1, min: -1, description: 'token that ends an output; -1: none, outputs have exactly their length', helpGroup: DATASET }),

  concurrency: Flags.integer({ description: 'requests in flight at most; 0 or less: all' }),
  warmup: Flags.integer({ min: 0, description: 'uncounted requests before' }),
  'scheduler-policy': Flags.option({ options: ['guaranteed_no_evict', 'max_utilization'] as const, default: 'guaranteed_no_evict' as const })(),
  roofline: Flags.boolean({ default: true, allowNo: true, description: "measure the machine's limits beside the run" }),

  report: REPORT_FLAG,
  'report-json': Flags.string({ description: "the reference's report as JSON", helpValue: 'FILE', helpGroup: REPORT }),
  'request-json': Flags.string({ description: 'one record a request', helpValue: 'FILE', helpGroup: REPORT }),
  'output-json': Flags.string({ description: '{"request id": "text"}', helpValue: 'FILE', helpGroup: REPORT }),
  'iteration-log': Flags.string({ description: "the engine's statistics of each step, JSON lines", helpValue: 'FILE', helpGroup: REPORT }),
  'print-iter-log': Flags.boolean({ description: "a line a step on stderr, as the reference's print_iter_log", helpGroup: REPORT }),
  ...ENGINE_FLAGS,
  'max-batch-size': Flags.integer({ min: 1, description: "sequences in one step [default: the engine's; latency: --concurrency]", helpGroup: ENGINE }),
  'target-itl-ms': targetItlFlag(STATIC_TARGET_ITL_MS),
  'disable-chunked-context': Flags.boolean({ hidden: true, description: 'as --no-enable-chunked-prefill' }),
  'no-skip-tokenizer-init': Flags.boolean({ hidden: true, description: 'accepted: the tokenizer is always there' }),
  ...notYetFlags(STATIC_NOT_YET),
};

export type StaticFlagValues = Interfaces.InferredFlags<typeof STATIC_FLAGS>;
