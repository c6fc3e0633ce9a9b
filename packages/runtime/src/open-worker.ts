// One engine without a server: for `trtllm generate`.
import { loadTokenizer, type Tokenizer } from '@trtllm/text';
import { IterationLines } from './iteration-line.js';
import { resolveRuntimeConfig, type EngineOptions } from './runtime-config.js';
import { startWorker } from './worker/start-worker.js';
import type { WorkerClient } from './worker/worker-client.js';

export interface OpenWorker {
  client: WorkerClient;
  /** Undefined: ids in, ids out. */
  tokenizer: Tokenizer | undefined;
  /** End-of-text tokens of the model. */
  eos_token_ids: readonly number[];
  close(): Promise<void>;
}

const PATIENCE_MS = 5_000;

export async function openWorker(
  engineDirectory: string,
  options: EngineOptions & { log?: (line: string) => void; printIteration?: (line: string) => void; signal?: AbortSignal },
): Promise<OpenWorker> {
  const config = await resolveRuntimeConfig(engineDirectory, options);
  const tokenizer = await loadTokenizer(config.tokenizerDirectory);
  const client = await startWorker(config.worker, options.log ?? (() => {}), options.signal);
  const lines = new IterationLines();
  if (config.print_iter_log) client.onStats = (stats) => lines.of(stats).forEach((line) => options.printIteration?.(line));
  const close = async () => {
    await client.stop(PATIENCE_MS);
  };
  return { client, tokenizer, eos_token_ids: config.eos_token_ids, close };
}
