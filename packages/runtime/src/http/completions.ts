// POST /v1/completions: body -> prompts as ids -> samples -> reply.
import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { WorkerClient } from '../worker/worker-client.js';
import type { App } from './app.js';
import { CompletionFormat } from './completion-format.js';
import { checkCompletion, completionSchema, promptsOf, type CompletionFields, type Prompt } from './completion-request.js';
import { invalid } from './errors.js';
import type { JsonBody } from './json-body.js';
import { LIMITS } from './limits.js';
import { checkModel } from './models.js';
import { prepareGeneration } from './prepare-generation.js';
import { respond, type ResponsePlan } from './respond.js';
import { seedField, validate } from './validate.js';

export async function completions(app: App, request: FastifyRequest, reply: FastifyReply): Promise<object | undefined> {
  const body = request.body as JsonBody;
  const fields = validate(completionSchema, body);
  const seed = seedField(body);
  const model = checkModel(app, fields.model);
  checkCompletion(fields, app.tokenizer !== undefined);
  return respond(app, request, reply, async (worker) => plan(app, fields, seed, model, worker));
}

function plan(app: App, fields: CompletionFields, seed: bigint | undefined, model: string, worker: WorkerClient): ResponsePlan {
  const prompts = promptsOf(fields, app.tokenizer, worker.limits.max_seq_len);
  if (fields.return_context_logits) checkLogitsSize(prompts, worker.limits.vocab_size);
  const endpoint = {
    seed,
    num_logprobs: fields.logprobs ?? -1,
    num_prompt_logprobs: fields.echo ? (fields.logprobs ?? -1) : -1,
    context_logits: fields.return_context_logits ?? false,
    continues_prompt: true,
    max_tokens: fields.max_tokens,
  };
  const defaults = { eos_token_ids: app.config.eos_token_ids, hasTokenizer: app.tokenizer !== undefined };
  const head = { id: `cmpl-${randomUUID().replaceAll('-', '')}`, created: Math.floor(Date.now() / 1000), model };
  return {
    fields,
    choices: prompts.flatMap((prompt) => prepareGeneration(fields, endpoint, prompt.ids, worker.limits, defaults)),
    promptTokens: prompts.reduce((sum, prompt) => sum + prompt.ids.length, 0),
    format: new CompletionFormat(head, fields, prompts, app.tokenizer),
  };
}

function checkLogitsSize(prompts: Prompt[], vocabSize: number): void {
  const numbers = prompts.reduce((sum, prompt) => sum + prompt.ids.length, 0) * vocabSize;
  if (numbers > LIMITS.context_logits)
    throw invalid(
      `return_context_logits: ${numbers} numbers asked for, at most ${LIMITS.context_logits}; "trtllm generate --context-logits FILE" writes any number`,
      'return_context_logits',
    );
}
