// GET /health: whether the engine serves, not only the server. GET /health_generate: one real token through the queue.
import type { FastifyReply } from 'fastify';
import { generate } from '../generate.js';
import type { App } from './app.js';
import { LIMITS } from './limits.js';

/** 200 and an empty body, or 503 and one line that says why. */
export function health(app: App, reply: FastifyReply): string {
  const trouble = app.isDraining ? 'the server is shutting down' : app.supervisor.trouble;
  if (trouble === undefined) return '';
  reply.code(503).header('retry-after', '1').type('text/plain');
  return `${trouble}\n`;
}

export async function healthGenerate(app: App, reply: FastifyReply): Promise<string> {
  reply.type('text/plain');
  try {
    await generateOneToken(app, AbortSignal.timeout(LIMITS.health_generate_ms));
    return 'Generation health check OK';
  } catch (error) {
    app.log(`generation health check failed: ${(error as Error).message}`);
    reply.code(503);
    return 'Generation health check failed';
  }
}

async function generateOneToken(app: App, signal: AbortSignal): Promise<void> {
  const request = {
    prompt_ids: [app.config.bos_token_id ?? app.config.eos_token_ids[0] ?? 0],
    max_tokens: 1,
    sampling: { temperature: 0 },
    eos_token_ids: [],
    stop_token_ids: [],
    stop: [],
    include_stop: false,
    skip_special_tokens: true,
  };
  for await (const piece of generate(app.supervisor.current(), undefined, request, signal)) if (piece.token_ids.length > 0) return;
  throw new Error('the engine made no token');
}
