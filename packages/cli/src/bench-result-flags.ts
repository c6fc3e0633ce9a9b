// Flags of `trtllm bench` that say what is kept of a run, where, and under what name.
import { Flags, type Interfaces } from '@oclif/core';
import type { BenchInput } from '@trtllm/bench';
import { pairs } from './pairs.js';

const RESULT = 'RESULT';

export const RESULT_FLAGS = {
  'save-result': Flags.boolean({ description: 'write the result as JSON, and its requests as JSON lines', helpGroup: RESULT }),
  'append-result': Flags.boolean({ description: 'the same, as one line more of the file of that name', helpGroup: RESULT }),
  resume: Flags.boolean({ description: 'a sweep goes on where it was broken off: levels of the same settings whose files are there, whole and without failures, are kept', helpGroup: RESULT }),
  'save-detailed': Flags.boolean({ description: 'with arrays of every request', helpGroup: RESULT }),
  'save-request-time-breakdown': Flags.boolean({ description: "besides, the server's own times of each request (TensorRT-LLM's /perf_metrics): RESULT-perf_metrics.json and a diagram of it as HTML", helpGroup: RESULT }),
  'result-dir': Flags.string({ default: '.', helpGroup: RESULT }),
  'result-filename': Flags.string({ helpGroup: RESULT, description: 'with several levels, the file of all; each has its own beside it. With --type not used: TYPE_POINT.json' }),
  label: Flags.string({ helpValue: 'TEXT', description: 'what the run is called in result, report and file name [default there: the backend]', helpGroup: RESULT }),
  metadata: Flags.string({ multiple: true, helpValue: 'KEY=VALUE ...', description: 'top-level pairs of the result', helpGroup: RESULT }),
};

export function resultInput(flags: Interfaces.InferredFlags<typeof RESULT_FLAGS>): BenchInput {
  const metadata = Object.fromEntries(pairs(flags.metadata, '=', '--metadata'));
  const append = flags['append-result'];
  const breakdown = flags['save-request-time-breakdown'];
  const save = { dir: flags['result-dir'], filename: flags['result-filename'], detailed: flags['save-detailed'], append, breakdown, metadata };
  return { label: flags.label, save: flags['save-result'] || append || breakdown || flags.resume ? save : undefined };
}
