// What differs between the kinds of servers: path, body, how a reply reads. One entry a `--backend`.
import type { BenchOptions } from '../bench-options.js';
import type { PlannedRequest } from '../plan/workload.js';
import { OPENAI_REPLY, type ReplyForm } from './reply-form.js';
import { chatFields, completionFields } from './openai-body.js';
import { TRITON_REPLY, tritonFields } from './triton.js';

export const BACKEND_NAMES = ['openai', 'openai-chat', 'triton-generate', 'triton-generate-stream'] as const;
export type BackendName = (typeof BACKEND_NAMES)[number];

export type Asked = Pick<PlannedRequest, 'prompt' | 'outputTokens'>;
export type BodyOptions = Pick<BenchOptions, 'backend' | 'stream' | 'ignoreEos' | 'sampling' | 'extraBody'>;

export interface Backend {
  /** `{model}` stands for the model's name. */
  path: string;
  /** Fields of a request's body. */
  fields: (options: BodyOptions, model: string, asked: Asked) => Record<string, unknown>;
  reply: ReplyForm;
  /** What prompts it takes. */
  prompts: 'text or ids' | 'messages' | 'text';
  /** The only way it replies; absent: as asked. */
  streams?: boolean;
  /** Where the server cannot be asked for one. */
  defaultModel?: string;
}

const TRITON = { fields: tritonFields, reply: TRITON_REPLY, prompts: 'text', defaultModel: 'ensemble' } as const;

export const BACKENDS: Readonly<Record<BackendName, Backend>> = {
  openai: { path: '/v1/completions', fields: completionFields, reply: OPENAI_REPLY, prompts: 'text or ids' },
  'openai-chat': { path: '/v1/chat/completions', fields: chatFields, reply: OPENAI_REPLY, prompts: 'messages' },
  'triton-generate': { path: '/v2/models/{model}/generate', streams: false, ...TRITON },
  'triton-generate-stream': { path: '/v2/models/{model}/generate_stream', streams: true, ...TRITON },
};

export function pathFor(endpoint: string, model: string): string {
  return endpoint.replace('{model}', encodeURIComponent(model));
}
