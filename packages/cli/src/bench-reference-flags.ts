// Flags of benchmark_serving.py that have nothing to do here, and those that are not done: its command lines run unchanged, or the flag
// that would change the measurement is named.
import { Flags } from '@oclif/core';
import { notYetFlags, refuseNotYet, type NotYet } from './not-yet-flags.js';

const NOT_YET: NotYet = {
  'tokenizer-mode': ['auto', 'slow'],
  'custom-tokenizer': [],
  'download-path': [],
  'hf-subset': [],
  'hf-split': [],
  'hf-output-len': [],
  'random-image-width': ['512'],
  'random-image-height': ['512'],
  'random-image-size': ['512'],
  'random-num-images': ['1'],
};

export const REFERENCE_FLAGS = {
  'trust-remote-code': Flags.boolean({ hidden: true, description: 'accepted; code of a model folder is never run' }),
  'use-beam-search': Flags.boolean({ hidden: true, description: 'accepted, as there: without effect' }),
  'download-timeout': Flags.integer({ hidden: true, description: 'accepted: nothing is downloaded' }),
  image: Flags.string({ char: 'i', hidden: true, description: 'accepted: no container is started' }),
  ...notYetFlags(NOT_YET),
};

export function refuseReferenceFlags(given: Record<string, unknown>): void {
  refuseNotYet('bench', NOT_YET, given);
}
