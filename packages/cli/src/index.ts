// The trtllm command line as a library: its entry, for the bins.
export { run, VERSION } from './run.js';
