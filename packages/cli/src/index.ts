// The trtllm command line as a library: its entry, for the bins.
export { run } from './run.js';
