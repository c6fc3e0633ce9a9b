// The body of POST /v1/chat/completions: its schema, and its messages as token ids.
import { TrtllmError } from '@trtllm/protocol';
import { renderChatTemplate, type Tokenizer } from '@trtllm/text';
import { z } from 'zod';
import { encodePrompt } from './encode-prompt.js';
import { invalid } from './errors.js';
import { sharedFields } from './fields.js';
import { LIMITS } from './limits.js';

const textPart = z.strictObject({ type: z.literal('text'), text: z.string() });

const message = z.object({
  role: z.string().min(1).max(64),
  content: z.union([z.string(), z.array(textPart).max(LIMITS.message_parts)]).nullish(),
  name: z.string().optional(),
  tool_call_id: z.string().optional(),
  reasoning_content: z.string().nullish(),
  refusal: z.string().nullish(),
});

export const chatSchema = z.object({
  ...sharedFields,
  messages: z.array(message).min(1).max(LIMITS.messages).optional(),
  prompt_token_ids: z.array(z.int().min(0)).min(1).optional(),
  max_completion_tokens: z.int().min(1).optional(),
  max_tokens: z.int().min(1).optional(),
  logprobs: z.boolean().optional(),
  top_logprobs: z.int().min(0).max(LIMITS.logprobs).optional(),
  add_generation_prompt: z.boolean().optional(),
  chat_template_kwargs: z.record(z.string(), z.unknown()).optional(),
});

export type ChatFields = z.infer<typeof chatSchema>;

export async function chatPromptIds(fields: ChatFields, tokenizer: Tokenizer | undefined, maxSeqLen: number): Promise<number[]> {
  const ids = fields.prompt_token_ids ?? (await encodeMessages(fields, tokenizer, maxSeqLen));
  return fields.truncate_prompt_tokens === undefined ? ids : ids.slice(-fields.truncate_prompt_tokens);
}

async function encodeMessages(fields: ChatFields, tokenizer: Tokenizer | undefined, maxSeqLen: number): Promise<number[]> {
  if (!fields.messages) throw invalid('messages: expected a list of messages, found none', 'messages');
  if (!tokenizer)
    throw invalid('messages: this engine has no tokenizer; send prompt_token_ids, or start the server with --tokenizer DIR', 'messages');
  if (tokenizer.chatTemplate === undefined)
    throw invalid('messages: this model has no chat template; use /v1/completions, or send prompt_token_ids', 'messages');
  const text = await render(fields, tokenizer);
  return encodePrompt(tokenizer, text, fields.add_special_tokens ?? false, maxSeqLen);
}

async function render(fields: ChatFields, tokenizer: Tokenizer): Promise<string> {
  const messages = fields.messages!.map((each) => ({ ...each, content: contentText(each.content) }));
  try {
    return await renderChatTemplate(tokenizer, messages, {
      addGenerationPrompt: fields.add_generation_prompt ?? true,
      ...(fields.chat_template_kwargs ? { kwargs: fields.chat_template_kwargs } : {}),
    });
  } catch (error) {
    // A template refuses messages that it has no form for: roles out of turn and the like.
    if (error instanceof TrtllmError && error.code === 'REQUEST_INVALID') throw invalid(`messages: ${error.message}`, 'messages');
    throw error;
  }
}

/** Text parts are one text to a template. */
function contentText(content: NonNullable<ChatFields['messages']>[number]['content']): string {
  if (content === undefined || content === null) return '';
  return typeof content === 'string' ? content : content.map((part) => part.text).join('\n');
}

export function checkChat(fields: ChatFields): void {
  if (fields.stream_options && !fields.stream) throw invalid('stream_options: only with "stream": true', 'stream_options');
  if (fields.top_logprobs !== undefined && !fields.logprobs) throw invalid('top_logprobs: only with "logprobs": true', 'top_logprobs');
  if (fields.max_tokens !== undefined && fields.max_completion_tokens !== undefined && fields.max_tokens !== fields.max_completion_tokens)
    throw invalid('max_tokens and max_completion_tokens are one field in two spellings; give one', 'max_tokens');
}
