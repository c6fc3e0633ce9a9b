// random: lengths within a ratio, exactly, one shared prefix; random words, or the texts of a file cut and filled up (benchmark_serving's
// use of ShareGPT). random-ids is the same with token ids.
import { ratioLaw } from '../length-law.js';
import { readProse, SONNETS_PATH } from '../prose.js';
import { drawnRequests } from './drawn.js';
import type { Dataset } from './sampler.js';

export const random: Dataset = async (options) => {
  const path = options.datasetPath ?? (options.text === 'natural' ? SONNETS_PATH : undefined);
  const laws = {
    input: ratioLaw(options.inputLen, options.rangeRatio),
    output: ratioLaw(options.outputLen, options.rangeRatio),
    prefixLen: options.prefixLen,
    prefixGroups: [1],
    turns: 1,
    turnDelayMs: 0,
    prose: path === undefined ? undefined : await readProse(path),
  };
  return (context) => drawnRequests(context, laws);
};
