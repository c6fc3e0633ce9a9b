// Starts serving an engine: config, tokenizer, HTTP server (bound before the engine loads), worker; stops in the reverse order.
import { TrtllmError } from '@trtllm/protocol';
import { loadTokenizer } from '@trtllm/text';
import type { FastifyInstance } from 'fastify';
import type { App } from './http/app.js';
import { LIMITS } from './http/limits.js';
import { MetricsRing } from './http/metrics.js';
import { servedModels } from './http/models.js';
import { OpenRequests } from './http/open-requests.js';
import { createServer, type HttpServer } from './http/server.js';
import { IterationLines } from './iteration-line.js';
import { resolveRuntimeConfig, type RuntimeConfig, type ServerOptions } from './runtime-config.js';
import { stopOnSignals } from './stop-on-signals.js';
import { deferred } from './worker/deferred.js';
import { startWorker } from './worker/start-worker.js';
import { Supervisor } from './worker/supervisor.js';
import type { WorkerClient } from './worker/worker-client.js';

export interface ServeOptions extends ServerOptions {
  /** Takes one line at a time; never holds prompts or outputs. */
  log: (line: string) => void;
  /** SIGTERM and SIGINT drain, a second one exits at once; on unless false. */
  handle_signals?: boolean;
  /** Time open requests have at a stop. */
  drain_ms?: number;
}

export interface RunningServer {
  url: string;
  /** Takes no more requests, lets the open ones end, then ends the worker. Calling it again waits for the same stop. */
  stop(): Promise<void>;
  /** Ends the worker at once; for a process that exits next. */
  kill(): void;
  /** Resolves when it has stopped, with the exit status that says so. */
  stopped: Promise<number>;
}

const WORKER_PATIENCE_MS = 5_000;

/** Resolves when the engine serves. A stop while it loads gives a server that is closed already. */
export async function serve(engineDirectory: string, options: ServeOptions): Promise<RunningServer> {
  const config = await resolveRuntimeConfig(engineDirectory, options);
  const app = await createApp(config, options);
  const http = createServer(app);
  const url = await listen(http.fastify, options);
  options.log(`listening on ${url}; loading ${config.engineDirectory}`);
  const server = runningServer(app, http, url, options.drain_ms ?? LIMITS.drain_ms);
  if (options.handle_signals !== false) stopOnSignals(server, options.log);
  try {
    await app.supervisor.start();
    options.log(`ready: ${app.models.id} at ${url}`);
  } catch (error) {
    const isStopped = app.isDraining;
    await server.stop();
    if (!isStopped) throw error;
  }
  return server;
}

async function createApp(config: RuntimeConfig, options: ServeOptions): Promise<App> {
  const tokenizer = await loadTokenizer(config.tokenizerDirectory);
  if (!tokenizer) options.log('this engine has no tokenizer: token ids in, token ids out');
  const metrics = new MetricsRing();
  const supervisor = new Supervisor({
    start: (signal) => startWorker(config.worker, options.log, signal),
    log: options.log,
    onReady: (worker) => {
      const lines = new IterationLines();
      worker.onStats = (stats) => {
        metrics.add(stats);
        if (config.print_iter_log) lines.of(stats).forEach(options.log);
      };
      for (const line of describeWorker(worker)) options.log(line);
    },
  });
  const models = servedModels(config, options);
  return { supervisor, tokenizer, config, models, open: new OpenRequests(), metrics, log: options.log, isDraining: false };
}

async function listen(fastify: FastifyInstance, { host, port, log }: ServeOptions): Promise<string> {
  // One address for "localhost": two sockets could get two ports.
  const address = host === 'localhost' ? '127.0.0.1' : host;
  if (address !== '127.0.0.1' && address !== '::1') log(`warning: ${host} is reachable from other machines, and no key is asked for`);
  try {
    return await fastify.listen({ host: address, port });
  } catch (cause) {
    await fastify.close();
    const reason = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'it is in use' : (cause as Error).message;
    throw new TrtllmError('PORT_IN_USE', `cannot listen on ${host}:${port}: ${reason}; choose another --port or --host`, { cause });
  }
}

function runningServer(app: App, { fastify, connections }: HttpServer, url: string, drain_ms: number): RunningServer {
  const stopped = deferred<number>();
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    app.isDraining = true;
    connections.stopListening();
    if (app.supervisor.isStarting) app.supervisor.kill();
    await app.open.drain(drain_ms);
    await app.supervisor.stop(WORKER_PATIENCE_MS);
    await connections.close();
    await fastify.close();
    stopped.resolve(0);
  };
  return { url, stop: () => (stopping ??= stop()), kill: () => app.supervisor.kill(), stopped: stopped.promise };
}

function describeWorker({ pid, limits: ready }: WorkerClient): string[] {
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return [
    `worker: process id ${pid}; ${ready.dtype}, weights ${mib(ready.weight_bytes)}, ${ready.threads} threads, ISA ${ready.isa} (this CPU: ${ready.cpu_features}), loaded in ${Math.round(ready.load_ms)} ms`,
    `KV cache: ${ready.num_blocks} blocks of ${ready.tokens_per_block} tokens in ${ready.kv_cache_dtype}, ${mib(ready.num_blocks * ready.block_bytes)}; block reuse ${ready.enable_block_reuse ? 'on' : 'off'}`,
    `limits: max_batch_size ${ready.max_batch_size}, max_num_tokens ${ready.max_num_tokens}, max_seq_len ${ready.max_seq_len}, max_queue_size ${ready.max_queue_size}; ${ready.capacity_policy}, chunked prefill ${ready.enable_chunked_context ? 'on' : 'off'}`,
  ];
}
