// Bodies of /v1/completions and /v1/chat/completions. Fields that not every server knows (ignore_eos) are left out unless they are wanted.
import type { Asked, BodyOptions } from './backends.js';
import { messagesOf } from './conversation.js';

export function completionFields(options: BodyOptions, model: string, { prompt, outputTokens }: Asked): Record<string, unknown> {
  return { model, prompt, max_tokens: outputTokens, ...commonFields(options) };
}

export function chatFields(options: BodyOptions, model: string, { prompt, outputTokens }: Asked): Record<string, unknown> {
  return { model, messages: messagesOf(prompt), max_completion_tokens: outputTokens, ...commonFields(options) };
}

function commonFields({ sampling, stream, ignoreEos }: BodyOptions): Record<string, unknown> {
  return {
    temperature: 0,
    ...sampling,
    stream,
    ...(stream ? { stream_options: { include_usage: true } } : {}),
    ...(ignoreEos ? { ignore_eos: true } : {}),
  };
}
