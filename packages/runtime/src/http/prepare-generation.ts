// Shared request fields + one prompt's ids -> what generate.ts takes; everything is checked against the worker's limits here.
import type { SamplingParams } from '@trtllm/protocol';
import { seedOf } from '@trtllm/protocol';
import { randomBytes } from 'node:crypto';
import type { GenerateRequest } from '../generate.js';
import { invalid } from './errors.js';
import type { SharedFields } from './fields.js';

/** The part of the worker's `ready` that bounds a request. */
export interface EngineLimits {
  vocab_size: number;
  max_seq_len: number;
  max_num_tokens: number;
  num_blocks: number;
  tokens_per_block: number;
  enable_chunked_context: boolean;
}

export interface GenerationDefaults {
  eos_token_ids: readonly number[];
  hasTokenizer: boolean;
}

/** What the two endpoints add to the shared fields. */
export interface EndpointFields {
  seed: bigint | undefined;
  /** -1: none. */
  num_logprobs: number;
  num_prompt_logprobs?: number;
  context_logits?: boolean;
  continues_prompt: boolean;
  max_tokens: number | undefined;
}

/** A request for each of `n` samples; sample i draws with seed + i. */
export function prepareGeneration(
  fields: SharedFields,
  endpoint: EndpointFields,
  prompt_ids: readonly number[],
  limits: EngineLimits,
  defaults: GenerationDefaults,
): GenerateRequest[] {
  checkTokenIds(prompt_ids, limits, 'prompt');
  checkTokenIds(fields.stop_token_ids ?? [], limits, 'stop_token_ids');
  const stop = stopStrings(fields.stop);
  if (stop.length > 0 && !defaults.hasTokenizer)
    throw invalid('stop: this engine has no tokenizer, so it makes no text to look for; use stop_token_ids', 'stop');
  const max_tokens = outputTokens(prompt_ids.length, endpoint.max_tokens, limits);
  if ((fields.min_tokens ?? 0) > max_tokens)
    throw invalid(`min_tokens: ${fields.min_tokens} is more than max_tokens (${max_tokens})`, 'min_tokens');
  const request: Omit<GenerateRequest, 'sampling'> = {
    prompt_ids,
    max_tokens,
    eos_token_ids: fields.ignore_eos ? [] : defaults.eos_token_ids,
    stop_token_ids: fields.stop_token_ids ?? [],
    stop,
    include_stop: fields.include_stop_str_in_output ?? false,
    skip_special_tokens: fields.skip_special_tokens ?? true,
    continues_prompt: endpoint.continues_prompt,
    context_logits: endpoint.context_logits ?? false,
    cache_salt: fields.cache_salt,
  };
  const sampling = samplingOf(fields, endpoint);
  return Array.from({ length: fields.n ?? 1 }, (_, i) => ({ ...request, sampling: { ...sampling, seed: seedOf(sampling.seed + BigInt(i)) } }));
}

function samplingOf(fields: SharedFields, endpoint: EndpointFields): SamplingParams {
  return {
    temperature: fields.temperature ?? 1,
    top_k: fields.top_k ?? 0,
    top_p: fields.top_p ?? 1,
    min_p: fields.min_p ?? 0,
    repetition_penalty: fields.repetition_penalty ?? 1,
    presence_penalty: fields.presence_penalty ?? 0,
    frequency_penalty: fields.frequency_penalty ?? 0,
    seed: endpoint.seed ?? randomBytes(8).readBigUInt64LE(),
    num_logprobs: endpoint.num_logprobs,
    num_prompt_logprobs: endpoint.num_prompt_logprobs ?? -1,
    min_tokens: fields.min_tokens ?? 0,
  };
}

/** max_tokens, or what fills the context; refused where prompt and output cannot fit. */
function outputTokens(promptTokens: number, asked: number | undefined, limits: EngineLimits): number {
  if (promptTokens === 0) throw invalid('prompt: expected at least one token, found none', 'prompt');
  const room = limits.max_seq_len - promptTokens;
  const needed = Math.max(1, asked ?? 1);
  if (needed > room)
    throw tooLong(
      `the prompt has ${promptTokens} tokens and max_tokens is ${asked ?? 'unset'}: together they may be ${limits.max_seq_len}; ` +
        'shorten one of them, or start the server with a larger --max_seq_len (up to what the model allows)',
    );
  if (promptTokens > limits.max_num_tokens && !limits.enable_chunked_context)
    throw tooLong(
      `the prompt has ${promptTokens} tokens, and without --enable_chunked_prefill one may have --max_num_tokens ${limits.max_num_tokens}`,
    );
  const capacity = limits.num_blocks * limits.tokens_per_block;
  if (promptTokens + needed > capacity)
    throw tooLong(
      `the prompt has ${promptTokens} tokens and max_tokens is ${asked ?? 'unset'}: the KV cache holds ${capacity} tokens in all; ` +
        'give it more with --kv_cache_free_gpu_memory_fraction or kv_cache_config.max_tokens',
    );
  return asked ?? Math.min(room, capacity - promptTokens);
}

function checkTokenIds(ids: readonly number[], limits: EngineLimits, field: string): void {
  const index = ids.findIndex((id) => id >= limits.vocab_size);
  if (index >= 0) throw invalid(`${field}[${index}]: token id ${ids[index]} is outside the vocabulary of ${limits.vocab_size}`, field);
}

function stopStrings(stop: SharedFields['stop']): string[] {
  return stop === undefined ? [] : Array.isArray(stop) ? stop : [stop];
}

function tooLong(message: string) {
  return invalid(message, null, 'context_length_exceeded');
}
