// What two parts of trtllm must agree on; imports nothing of ours.
export * from './build-plan.js';
export * from './engine-manifest.js';
export * from './error-codes.js';
export * from './frame.js';
export * from './graph.js';
export * from './sampling-params.js';
export * from './version.js';
export * from './worker-messages.js';
