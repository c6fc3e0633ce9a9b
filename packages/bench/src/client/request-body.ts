// A planned request -> the JSON body of the endpoint that is measured.
import type { BenchOptions } from '../bench-options.js';
import type { PlannedRequest } from '../plan/workload.js';
import { BACKENDS, type BodyOptions } from './backends.js';

export function requestBody(options: BodyOptions, model: string, plan: Pick<PlannedRequest, 'prompt' | 'outputTokens' | 'fields'>): string {
  const body: Record<string, unknown> = { ...BACKENDS[options.backend].fields(options, model, plan), ...plan.fields, ...options.extraBody };
  // A null of the extra body takes its field out, as in a JSON merge patch (RFC 7396).
  for (const name of Object.keys(body)) if (body[name] === null) delete body[name];
  return JSON.stringify(body);
}

/** What to change where a server refuses a request and names a field that it could do without; else empty. */
export function refusalHint(options: BodyOptions & Pick<BenchOptions, 'outputLen'>, reason: string): string {
  const isNamed = (field: string): boolean => new RegExp(`\\b${field}\\b`).test(reason);
  if (options.ignoreEos && isNamed('ignore_eos')) {
    return "; for a server that does not know it, leave out --ignore-eos (its own field for that, if it has one, goes into --extra-body)";
  }
  if (options.backend === 'openai-chat' && isNamed('max_completion_tokens')) {
    return `; for a server that only knows max_tokens: --extra-body '{"max_completion_tokens":null,"max_tokens":${options.outputLen}}'`;
  }
  const field = ['temperature', 'stream_options'].find(isNamed);
  return field === undefined ? '' : `; to leave the field out: --extra-body '{"${field}":null}'`;
}
