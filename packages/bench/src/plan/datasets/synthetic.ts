// synthetic: any law of lengths, groups that share a prefix, conversations of several turns.
import { parseLengthLaw } from '../length-law.js';
import { readProse, SONNETS_PATH } from '../prose.js';
import { drawnRequests } from './drawn.js';
import type { Dataset } from './sampler.js';

export const synthetic: Dataset = async (options) => {
  const path = options.datasetPath ?? (options.text === 'natural' ? SONNETS_PATH : undefined);
  const laws = {
    input: await parseLengthLaw(options.syntheticInputLen, 'synthetic-input-len'),
    output: await parseLengthLaw(options.syntheticOutputLen, 'synthetic-output-len'),
    prefixLen: options.syntheticPrefixLen,
    prefixGroups: options.syntheticPrefixGroups,
    turns: options.syntheticTurns,
    turnDelayMs: options.turnDelayMs,
    prose: path === undefined ? undefined : await readProse(path),
  };
  return (context) => drawnRequests(context, laws);
};
