// The command line of a worker; pure. Flags as in docs/worker-protocol.md.

/** What a worker is told at its start; everything unset takes the worker's or the engine's own default. */
export interface WorkerOptions {
  /** Path of the trtllm-worker executable. */
  executable: string;
  engineDirectory: string;
  threads?: number | undefined;
  isa?: string | undefined;
  max_batch_size?: number | undefined;
  max_num_tokens?: number | undefined;
  max_seq_len?: number | undefined;
  max_queue_size?: number | undefined;
  /** auto: what the engine was built for. */
  kv_cache_dtype?: string | undefined;
  kv_blocks?: number | undefined;
  /** Share of free memory for KV blocks, (0, 1]. */
  kv_fraction?: number | undefined;
  /** Tokens the KV blocks may hold. */
  kv_max_tokens?: number | undefined;
  capacity_policy?: string | undefined;
  chunking_policy?: string | undefined;
  /** Prompts are cut so that steps of generating requests stay within it; 0: not. The worker's own default: 100. */
  target_itl_ms?: number | undefined;
  enable_block_reuse?: boolean | undefined;
  enable_chunked_context?: boolean | undefined;
  verify_engine?: boolean | undefined;
}

const VALUE_FLAGS = [
  'threads',
  'isa',
  'max_batch_size',
  'max_num_tokens',
  'max_seq_len',
  'max_queue_size',
  'kv_cache_dtype',
  'kv_blocks',
  'kv_fraction',
  'kv_max_tokens',
  'capacity_policy',
  'chunking_policy',
  'target_itl_ms',
] as const satisfies readonly (keyof WorkerOptions)[];

export interface LaunchCommand {
  file: string;
  args: string[];
}

export function launchCommand(options: WorkerOptions, socketPath: string): LaunchCommand {
  const args = ['--engine', options.engineDirectory, '--connect', `unix:${socketPath}`];
  for (const name of VALUE_FLAGS) {
    const value = options[name];
    if (value !== undefined) args.push(`--${name}`, String(value));
  }
  if (options.enable_block_reuse === false) args.push('--no_block_reuse');
  if (options.enable_chunked_context === false) args.push('--no_chunked_context');
  if (options.verify_engine) args.push('--verify_engine');
  return { file: options.executable, args };
}
