// A planned request -> the JSON body of the endpoint that is measured.
import type { BenchOptions } from './bench-options.js';
import type { PlannedRequest } from './workload.js';

type BodyOptions = Pick<BenchOptions, 'backend' | 'stream' | 'ignoreEos' | 'sampling' | 'extraBody'>;

/** Fields that not every server knows (ignore_eos) are left out unless they are wanted. */
export function requestBody(options: BodyOptions, model: string, plan: Pick<PlannedRequest, 'prompt' | 'outputTokens'>): string {
  return JSON.stringify({
    model,
    ...(options.backend === 'openai'
      ? { prompt: plan.prompt, max_tokens: plan.outputTokens }
      : { messages: [{ role: 'user', content: plan.prompt }], max_completion_tokens: plan.outputTokens }),
    temperature: 0,
    ...options.sampling,
    stream: options.stream,
    ...(options.stream ? { stream_options: { include_usage: true } } : {}),
    ...(options.ignoreEos ? { ignore_eos: true } : {}),
    ...options.extraBody,
  });
}
