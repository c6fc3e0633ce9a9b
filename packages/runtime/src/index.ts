// Engine -> OpenAI endpoints: what other packages may use.
export * from './engine.js';
export type { RuntimeConfig, ServerOptions } from './runtime-config.js';
export { serve, type RunningServer, type ServeOptions } from './serve.js';
export type { ContextLogits, RequestStream, RequestUpdate } from './worker/request-stream.js';
export { WorkerClient, type WorkerRequest } from './worker/worker-client.js';
