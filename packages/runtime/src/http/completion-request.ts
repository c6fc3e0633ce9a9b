// The body of POST /v1/completions: its schema, and its prompts as token ids.
import type { Tokenizer } from '@trtllm/text';
import { z } from 'zod';
import { encodePrompt } from './encode-prompt.js';
import { invalid } from './errors.js';
import { sharedFields } from './fields.js';
import { LIMITS } from './limits.js';

const ids = z.array(z.int().min(0)).min(1);

export const completionSchema = z.object({
  ...sharedFields,
  prompt: z.union([z.string(), z.array(z.string()).min(1).max(LIMITS.prompts), ids, z.array(ids).min(1).max(LIMITS.prompts)]),
  logprobs: z.int().min(0).max(LIMITS.logprobs).optional(),
  echo: z.boolean().optional(),
  detokenize: z.boolean().optional(),
  return_context_logits: z.boolean().optional(),
});

export type CompletionFields = z.infer<typeof completionSchema>;

export interface Prompt {
  ids: number[];
  /** As it was given; undefined where it came as ids. */
  text?: string;
}

export function promptsOf(fields: CompletionFields, tokenizer: Tokenizer | undefined, maxSeqLen: number): Prompt[] {
  const { prompt } = fields;
  const list = typeof prompt === 'string' ? [prompt] : typeof prompt[0] === 'number' ? [prompt as number[]] : (prompt as string[] | number[][]);
  return list.map((each) => {
    const whole = typeof each === 'string' ? encode(each, fields, tokenizer, maxSeqLen) : { ids: each };
    const keep = fields.truncate_prompt_tokens;
    return keep === undefined || whole.ids.length <= keep ? whole : { ids: whole.ids.slice(-keep) };
  });
}

function encode(text: string, fields: CompletionFields, tokenizer: Tokenizer | undefined, maxSeqLen: number): Prompt {
  if (!tokenizer)
    throw invalid('prompt: this engine has no tokenizer; send token ids, or start the server with --tokenizer DIR', 'prompt');
  return { ids: encodePrompt(tokenizer, text, fields.add_special_tokens ?? true, maxSeqLen), text };
}

/** Rules between fields, and what needs more than the schema knows. */
export function checkCompletion(fields: CompletionFields, hasTokenizer: boolean): void {
  if (fields.stream_options && !fields.stream) throw invalid('stream_options: only with "stream": true', 'stream_options');
  if (fields.max_tokens === 0 && !fields.echo) throw invalid('max_tokens: 0 is only of use with "echo": true', 'max_tokens');
  if (fields.return_context_logits && fields.stream)
    throw invalid('return_context_logits: not with "stream": true', 'return_context_logits');
  const numChoices = (fields.n ?? 1) * (Array.isArray(fields.prompt) && typeof fields.prompt[0] !== 'number' ? fields.prompt.length : 1);
  if (numChoices > LIMITS.choices) throw invalid(`n: ${numChoices} choices asked for, at most ${LIMITS.choices} in one request`, 'n');
  if (fields.detokenize === false && hasTokenizer && fields.stop !== undefined)
    throw invalid('stop: not with "detokenize": false; use stop_token_ids', 'stop');
}
