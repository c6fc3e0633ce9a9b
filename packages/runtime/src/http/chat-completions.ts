// POST /v1/chat/completions: body -> messages -> prompt ids -> samples -> reply.
import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { WorkerClient } from '../worker/worker-client.js';
import type { App } from './app.js';
import { ChatFormat } from './chat-format.js';
import { chatPromptIds, chatSchema, checkChat, type ChatFields } from './chat-request.js';
import type { JsonBody } from './json-body.js';
import { checkModel } from './models.js';
import { prepareGeneration } from './prepare-generation.js';
import { respond, type ResponsePlan } from './respond.js';
import { seedField, validate } from './validate.js';

export async function chatCompletions(app: App, request: FastifyRequest, reply: FastifyReply): Promise<object | undefined> {
  const body = request.body as JsonBody;
  const fields = validate(chatSchema, body);
  const seed = seedField(body);
  const model = checkModel(app, fields.model);
  checkChat(fields);
  return respond(app, request, reply, (worker) => plan(app, fields, seed, model, worker));
}

async function plan(app: App, fields: ChatFields, seed: bigint | undefined, model: string, worker: WorkerClient): Promise<ResponsePlan> {
  const ids = await chatPromptIds(fields, app.tokenizer, worker.limits.max_seq_len);
  const endpoint = {
    seed,
    num_logprobs: fields.logprobs ? (fields.top_logprobs ?? 0) : -1,
    continues_prompt: false,
    max_tokens: fields.max_completion_tokens ?? fields.max_tokens,
  };
  const defaults = { eos_token_ids: app.config.eos_token_ids, hasTokenizer: app.tokenizer !== undefined };
  const head = { id: `chatcmpl-${randomUUID().replaceAll('-', '')}`, created: Math.floor(Date.now() / 1000), model };
  return {
    fields,
    choices: prepareGeneration(fields, endpoint, ids, worker.limits, defaults),
    promptTokens: ids.length,
    format: new ChatFormat(head, fields.logprobs ?? false, app.tokenizer),
  };
}
