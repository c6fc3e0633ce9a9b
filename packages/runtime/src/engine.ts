// An engine without a server: what `trtllm generate` needs, and nothing of HTTP.
export { generate, type GeneratedPiece, type GenerateRequest } from './generate.js';
export { openWorker, type OpenWorker } from './open-worker.js';
export type { EngineOptions } from './runtime-config.js';
