// Every message between runtime and worker: docs/worker-protocol.md has the table and the rules.

export const PROTOCOL_VERSION = 1;

export interface Hello {
  type: 'hello';
  protocol_version: number;
  build: string;
  pid: number;
}

export interface Ready {
  type: 'ready';
  isa: string;
  threads: number;
  dtype: 'bfloat16' | 'float32';
  /** How the KV cache is stored: as dtype says, or in int8. */
  kv_cache_dtype: string;
  vocab_size: number;
  max_batch_size: number;
  max_num_tokens: number;
  max_seq_len: number;
  max_queue_size: number;
  num_blocks: number;
  tokens_per_block: number;
  block_bytes: number;
  weight_bytes: number;
  cpu_features: string;
  capacity_policy: string;
  enable_block_reuse: boolean;
  enable_chunked_context: boolean;
  load_ms: number;
}

/** SamplingParams on the wire: the seed as decimal text, because JSON numbers end at 2^53. */
export interface WireSampling {
  temperature?: number;
  top_k?: number;
  top_p?: number;
  min_p?: number;
  repetition_penalty?: number;
  presence_penalty?: number;
  frequency_penalty?: number;
  seed?: string;
  num_logprobs?: number;
  num_prompt_logprobs?: number;
  min_tokens?: number;
}

export interface Submit {
  type: 'submit';
  id: number;
  max_tokens: number;
  sampling: WireSampling;
  stop_token_ids: number[];
  context_logits?: boolean;
  allow_reuse?: boolean;
  cache_salt?: string;
  priority?: number;
}

export interface Cancel {
  type: 'cancel';
  id: number;
}

export interface Ping {
  type: 'ping';
  nonce: number;
}

export interface Pong {
  type: 'pong';
  nonce: number;
}

export interface Drain {
  type: 'drain';
}

export interface WireLogprobs {
  logprob: number;
  rank: number;
  top: [id: number, logprob: number][];
}

export type FinishReason = 'stop' | 'length' | 'cancelled' | 'error';

export interface StepEvent {
  id: number;
  num_tokens: number;
  finish?: FinishReason;
  error?: { code: string; message: string };
  cached_tokens?: number;
  logprobs?: WireLogprobs[];
  prompt_logprobs?: (WireLogprobs | null)[];
}

export interface Step {
  type: 'step';
  iteration: number;
  events: StepEvent[];
}

export interface Logits {
  type: 'logits';
  id: number;
  first_row: number;
  num_rows: number;
  vocab_size: number;
}

export interface Stats {
  type: 'stats';
  records: Record<string, unknown>[];
  total_blocks: number;
  free_blocks: number;
  num_active: number;
  num_queued: number;
}

export interface Failed {
  type: 'failed';
  code: string;
  message: string;
}

export type ToWorker = Submit | Cancel | Ping | Drain;
export type FromWorker = Hello | Ready | Step | Logits | Stats | Pong | Failed;
