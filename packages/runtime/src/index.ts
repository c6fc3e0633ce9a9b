// Engine -> OpenAI endpoints: what other packages may use.
export { generate, type GeneratedPiece, type GenerateRequest } from './generate.js';
export { openWorker, type OpenWorker } from './open-worker.js';
export type { EngineOptions, RuntimeConfig, ServerOptions } from './runtime-config.js';
export { serve, type RunningServer, type ServeOptions } from './serve.js';
export type { ContextLogits, RequestStream, RequestUpdate } from './worker/request-stream.js';
export { WorkerClient, type WorkerRequest } from './worker/worker-client.js';
