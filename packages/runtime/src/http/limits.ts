// Every bound of the HTTP side, in one place. Sizes in bytes, times in milliseconds.
export const LIMITS = {
  body_bytes: 32 * 1024 * 1024,
  header_bytes: 16 * 1024,
  header_count: 200,
  url_bytes: 8 * 1024,
  json_depth: 100,
  headers_ms: 10_000,
  whole_request_body_ms: 30_000,
  keep_alive_ms: 5_000,
  connections: 4096,
  /** A reader that takes nothing for so long is cut off; what it leaves unread is bounded by the socket's buffer. */
  slow_reader_ms: 60_000,
  /** Without a first token. */
  queue_ms: 600_000,
  request_ms: 3_600_000,
  health_generate_ms: 10_000,
  drain_ms: 30_000,
  samples: 128,
  prompts: 2048,
  /** Prompts times samples. */
  choices: 8192,
  messages: 4096,
  message_parts: 256,
  stop_strings: 16,
  stop_characters: 1024,
  logprobs: 20,
  /** Numbers of a `context_logits` reply. */
  context_logits: 2_000_000,
  metrics_records: 1000,
} as const;
