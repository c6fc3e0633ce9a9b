// The data sets by name.
import { azure } from './azure.js';
import { burstgpt } from './burstgpt.js';
import { custom, trtllmCustom } from './custom.js';
import { mooncake } from './mooncake.js';
import type { DatasetName } from './names.js';
import { random } from './random.js';
import type { Dataset } from './sampler.js';
import { sharegpt } from './sharegpt.js';
import { sonnet } from './sonnet.js';
import { synthetic } from './synthetic.js';

export const DATASETS: Record<DatasetName, Dataset> = {
  random,
  'random-ids': random,
  synthetic,
  sharegpt,
  sonnet,
  burstgpt,
  azure,
  mooncake,
  custom,
  trtllm_custom: trtllmCustom,
};
