// GET /v1/models and /v1/models/{model}, and the check of a request's model name.
import { basename } from 'node:path';
import type { FastifyRequest } from 'fastify';
import type { RuntimeConfig, ServerOptions } from '../runtime-config.js';
import type { App, ServedModels } from './app.js';
import { HttpError, quote } from './errors.js';

export function servedModels(config: RuntimeConfig, options: ServerOptions): ServedModels {
  const id = options.served_model_name ?? config.model_name;
  const paths = [config.engineDirectory, ...(options.model_names ?? [])];
  const names = new Set([id, config.model_name, ...paths, ...paths.map((path) => basename(path))]);
  return { id, root: config.engineDirectory, names, acceptAny: options.accept_any_model ?? false, created: Math.floor(Date.now() / 1000) };
}

export function modelList(app: App): object {
  return { object: 'list', data: [describe(app, app.models.id)] };
}

/** GET /v1/models/{model}; a path has slashes. */
export function modelByName(app: App, request: FastifyRequest): object {
  return describe(app, checkModel(app, (request.params as { '*': string })['*']));
}

/** `root` as vLLM has it: a client on this machine finds the tokenizer there. */
function describe(app: App, id: string): object {
  return { id, object: 'model', created: app.models.created, owned_by: 'tensorrt_llm', root: app.models.root };
}

/** The name a reply carries: the one that was asked for. */
export function checkModel(app: App, model: string): string {
  if (app.models.acceptAny || app.models.names.has(model)) return model;
  const message = `the model ${quote(model)} is not served here; this server has ${quote(app.models.id)}`;
  throw new HttpError(404, 'invalid_request_error', 'model_not_found', message, 'model');
}
