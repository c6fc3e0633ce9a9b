// Result files as vLLM's and TensorRT-LLM's tools write them, with requests that come out as told.

export interface ToldRequest {
  /** Seconds. */
  start: number;
  ttft: number;
  gaps: number[];
  error?: string;
}

/** `--save-detailed` of vLLM; one token a gap. */
export function vllmResult(requests: ToldRequest[], more: Record<string, unknown> = {}): Record<string, unknown> {
  const ends = requests.map(({ ttft, gaps }) => gaps.reduce((sum, gap) => sum + gap, ttft));
  const duration = Math.max(...requests.map(({ start }, i) => start + ends[i]!)) - Math.min(...requests.map(({ start }) => start));
  const ok = requests.filter(({ error }) => !error);
  const tokens = ok.reduce((sum, { gaps }) => sum + gaps.length + 1, 0);
  return {
    date: '20260102-030405',
    backend: 'vllm',
    model_id: 'org/model',
    num_prompts: requests.length,
    request_rate: 'inf',
    burstiness: 1,
    max_concurrency: null,
    duration,
    completed: ok.length,
    total_input_tokens: 10 * ok.length,
    total_output_tokens: tokens,
    request_throughput: ok.length / duration,
    output_throughput: tokens / duration,
    total_token_throughput: (tokens + 10 * ok.length) / duration,
    input_lens: requests.map(() => 10),
    output_lens: requests.map(({ gaps, error }) => (error ? 0 : gaps.length + 1)),
    ttfts: requests.map(({ ttft, error }) => (error ? 0 : ttft)),
    itls: requests.map(({ gaps, error }) => (error ? [] : gaps)),
    latencies: ends,
    start_times: requests.map(({ start }) => start),
    errors: requests.map(({ error = '' }) => error),
    ...more,
  };
}

/** So many alike, one after the other. */
export function alike(count: number, ttft: number, gap: number): ToldRequest[] {
  return Array.from({ length: count }, (_, i) => ({ start: 100 + i, ttft: ttft * (1 + 0.001 * i), gaps: [gap, gap, gap] }));
}
