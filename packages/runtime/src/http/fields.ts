// Request fields that completions and chat share, and what becomes of fields that are not ours to do: those that cannot change the
// output are taken and ignored, the others are refused by name unless they stand at their default.
import { z } from 'zod';
import { LIMITS } from './limits.js';

const tokenId = z.int().min(0);
const stopString = z.string().min(1).max(LIMITS.stop_characters);

export const sharedFields = {
  model: z.string(),
  temperature: z.number().min(0).max(100).optional(),
  top_p: z.number().gt(0).max(1).optional(),
  top_k: z.int().min(0).max(0x7fffffff).optional(),
  min_p: z.number().min(0).max(1).optional(),
  repetition_penalty: z.number().gt(0).max(100).optional(),
  presence_penalty: z.number().min(-2).max(2).optional(),
  frequency_penalty: z.number().min(-2).max(2).optional(),
  /** Checked as a bigint by seedField: it may be larger than JSON numbers are exact. */
  seed: z.unknown().optional(),
  n: z.int().min(1).max(LIMITS.samples).optional(),
  stop: z.union([stopString, z.array(stopString).max(LIMITS.stop_strings)]).optional(),
  stop_token_ids: z.array(tokenId).max(LIMITS.stop_strings).optional(),
  include_stop_str_in_output: z.boolean().optional(),
  ignore_eos: z.boolean().optional(),
  min_tokens: z.int().min(0).optional(),
  max_tokens: z.int().min(0).optional(),
  skip_special_tokens: z.boolean().optional(),
  truncate_prompt_tokens: z.int().min(1).optional(),
  add_special_tokens: z.boolean().optional(),
  cache_salt: z.string().min(1).max(256).optional(),
  stream: z.boolean().optional(),
  stream_options: z
    .strictObject({
      include_usage: z.boolean().optional(),
      continuous_usage_stats: z.boolean().optional(),
      include_obfuscation: z.boolean().optional(),
    })
    .optional(),
};

export type SharedFields = z.infer<z.ZodObject<typeof sharedFields>>;

/** Cannot change the output: accepted and not looked at. */
export const IGNORED_FIELDS = new Set([
  'user',
  'store',
  'metadata',
  'service_tier',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'prediction',
  'parallel_tool_calls',
  'length_penalty',
  'early_stopping',
]);

type IsDefault = (value: unknown, body: Record<string, unknown>) => boolean;

const never: IsDefault = () => false;
const is =
  (expected: unknown): IsDefault =>
  (value) =>
    value === expected;
const isEmpty: IsDefault = (value) => typeof value === 'object' && Object.keys(value as object).length === 0;

/** Known and not done: refused, unless the value is the one that asks for nothing. */
export const UNSUPPORTED_FIELDS: Readonly<Record<string, IsDefault>> = {
  suffix: is(''),
  echo: is(false),
  best_of: (value, body) => value === (body['n'] ?? 1),
  use_beam_search: is(false),
  logit_bias: isEmpty,
  response_format: (value) => (value as { type?: unknown }).type === 'text',
  tools: isEmpty,
  tool_choice: is('none'),
  functions: isEmpty,
  function_call: is('none'),
  modalities: (value) => Array.isArray(value) && value.length === 1 && value[0] === 'text',
  audio: never,
  web_search_options: never,
  verbosity: is('medium'),
  reasoning_effort: never,
  thinking: never,
  thinking_token_budget: never,
  lora_request: never,
  disaggregated_params: never,
  documents: isEmpty,
  chat_template: never,
  spaces_between_special_tokens: is(true),
  top_p_min: is(0),
  prompt_ignore_length: is(0),
  priority: is(0),
  conversation_params: never,
  agent_hierarchy: isEmpty,
  media_io_kwargs: isEmpty,
  mm_processor_kwargs: isEmpty,
};
