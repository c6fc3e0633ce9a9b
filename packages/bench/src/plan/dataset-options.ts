// What is asked: the data set and its lengths. Defaults are those of benchmark_serving where it has the option.
import { existsSync } from 'node:fs';
import { checkInteger, refuse } from '../check-option.js';
import { DATASET_NAMES, NOT_YET_DATASETS, type DatasetName } from './datasets/names.js';
import { TrtllmError } from '@trtllm/protocol';

export interface DatasetOptions {
  readonly datasetName: DatasetName;
  readonly datasetPath?: string | undefined;
  /** Infinity: as many as a custom file has. */
  readonly numPrompts: number;
  /** Uncounted requests before, with texts of their own. */
  readonly numWarmups: number;
  /** Names for the model of requests, one of them drawn for each. */
  readonly loraModules: readonly string[];
  readonly seed: number;
  /** Other texts of the same lengths under the same seed, so that no server has them in its cache. */
  readonly salt: string;
  /** Random words, or prose (verses, or the texts of `datasetPath`). */
  readonly text: 'words' | 'natural';
  /** random: tokens of a prompt, without `prefixLen`. */
  readonly inputLen: number;
  readonly outputLen: number;
  /** random: one prefix for all prompts, in addition to `inputLen`. */
  readonly prefixLen: number;
  /** random: lengths are uniform in [floor(L(1-r)), ceil(L(1+r))]. */
  readonly rangeRatio: number;
  /** synthetic: laws as parseLengthLaw reads them. */
  readonly syntheticInputLen: string;
  readonly syntheticOutputLen: string;
  readonly syntheticPrefixLen: number;
  /** Weights of the groups that share a prefix. */
  readonly syntheticPrefixGroups: readonly number[];
  readonly syntheticTurns: number;
  /** Between turns of a conversation whose file says nothing. */
  readonly turnDelayMs: number;
  /** Histories of conversations hold the answers of the file, not the server's. */
  readonly recordedHistory: boolean;
  readonly sharegptOutputLen?: number | undefined;
  readonly sonnetInputLen: number;
  readonly sonnetOutputLen: number;
  readonly sonnetPrefixLen: number;
  /** For lines of a custom file that say nothing. */
  readonly customOutputLen?: number | undefined;
  /** Requests of a trace or a custom file that are longer are left out. */
  readonly maxInputLen?: number | undefined;
}

export const DATASET_DEFAULTS = {
  datasetName: 'random',
  numWarmups: 0,
  loraModules: [],
  seed: 0,
  salt: '',
  text: 'words',
  inputLen: 1024,
  outputLen: 128,
  prefixLen: 0,
  rangeRatio: 0,
  syntheticInputLen: '1024',
  syntheticOutputLen: '128',
  syntheticPrefixLen: 0,
  syntheticPrefixGroups: [1],
  syntheticTurns: 1,
  turnDelayMs: 0,
  recordedHistory: false,
  sonnetInputLen: 550,
  sonnetOutputLen: 150,
  sonnetPrefixLen: 200,
} as const satisfies Partial<DatasetOptions>;

/** A custom file is asked whole, as trtllm-bench does. */
export function defaultNumPrompts(datasetName: string | undefined): number {
  return datasetName === 'custom' || datasetName === 'trtllm_custom' ? Infinity : 1000;
}

const NEED_PATH: readonly DatasetName[] = ['sharegpt', 'burstgpt', 'azure', 'mooncake', 'custom', 'trtllm_custom'];

export function checkDataset(options: DatasetOptions): void {
  checkName(options.datasetName);
  const { datasetName, datasetPath } = options;
  if (datasetPath === undefined && NEED_PATH.includes(datasetName)) throw new TrtllmError('BAD_FLAG', `--dataset-path: needed for --dataset-name ${datasetName}; give its file`);
  if (datasetPath !== undefined && !existsSync(datasetPath)) throw new TrtllmError('BAD_FLAG', `--dataset-path ${datasetPath}: no such file`);
  if (options.numPrompts !== Infinity) checkInteger('num-prompts', options.numPrompts, 1);
  checkInteger('num-warmups', options.numWarmups, 0);
  checkInteger('seed', options.seed, 0);
  for (const [flag, value, min] of lengths(options)) checkInteger(flag, value, min);
  if (!(options.rangeRatio >= 0 && options.rangeRatio < 1)) refuse('random-range-ratio', 'a number in [0, 1)', options.rangeRatio);
  if (!['words', 'natural'].includes(options.text)) refuse('text', 'words or natural', options.text);
  if (!(options.turnDelayMs >= 0)) refuse('turn-delay', 'a number >= 0', options.turnDelayMs);
  const weights = options.syntheticPrefixGroups;
  if (weights.length === 0 || !weights.every((weight) => weight > 0)) refuse('synthetic-prefix-groups', 'weights > 0', weights);
  if (options.sonnetPrefixLen > options.sonnetInputLen) refuse('sonnet-prefix-len', `at most --sonnet-input-len ${options.sonnetInputLen}`, options.sonnetPrefixLen);
}

function checkName(name: string): void {
  if (NOT_YET_DATASETS.includes(name)) refuse('dataset-name', `one of ${DATASET_NAMES.join(', ')}`, `${name}, which is not supported yet`);
  if (!DATASET_NAMES.includes(name as DatasetName)) refuse('dataset-name', `one of ${DATASET_NAMES.join(', ')}`, name);
}

function lengths(options: DatasetOptions): [flag: string, value: number | undefined, min: number][] {
  return [
    ['random-input-len', options.inputLen, 1],
    ['random-output-len', options.outputLen, 1],
    ['random-prefix-len', options.prefixLen, 0],
    ['synthetic-prefix-len', options.syntheticPrefixLen, 0],
    ['synthetic-turns', options.syntheticTurns, 1],
    ['sharegpt-output-len', options.sharegptOutputLen, 1],
    ['sonnet-input-len', options.sonnetInputLen, 1],
    ['sonnet-output-len', options.sonnetOutputLen, 1],
    ['sonnet-prefix-len', options.sonnetPrefixLen, 0],
    ['custom-output-len', options.customOutputLen, 1],
    ['max-input-len', options.maxInputLen, 1],
  ];
}
