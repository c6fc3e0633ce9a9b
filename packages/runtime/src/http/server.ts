// The HTTP server: routes, limits, error replies. What a route does is in a file of its own.
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { VERSION } from '@trtllm/protocol';
import type { App } from './app.js';
import { chatCompletions } from './chat-completions.js';
import { completions } from './completions.js';
import { Connections } from './connections.js';
import { answerBrokenConnection, replyToError } from './error-replies.js';
import { HttpError } from './errors.js';
import { health, healthGenerate } from './health.js';
import { parseJsonBody } from './json-body.js';
import { LIMITS } from './limits.js';
import { modelByName, modelList } from './models.js';

type Handler = (app: App, request: FastifyRequest, reply: FastifyReply) => unknown;

const ROUTES: readonly [method: 'GET' | 'POST', path: string, handler: Handler][] = [
  ['GET', '/health', (app, _, reply) => health(app, reply)],
  ['GET', '/health_generate', (app, _, reply) => healthGenerate(app, reply)],
  ['GET', '/version', () => ({ version: VERSION })],
  ['GET', '/metrics', (app) => app.metrics.drain()],
  ['GET', '/v1/models', (app) => modelList(app)],
  ['GET', '/v1/models/*', modelByName],
  ['POST', '/v1/completions', completions],
  ['POST', '/v1/chat/completions', chatCompletions],
];

export interface HttpServer {
  fastify: FastifyInstance;
  connections: Connections;
}

export function createServer(app: App): HttpServer {
  const fastify = Fastify({
    bodyLimit: LIMITS.body_bytes,
    requestTimeout: LIMITS.whole_request_body_ms,
    keepAliveTimeout: LIMITS.keep_alive_ms,
    http: { maxHeaderSize: LIMITS.header_bytes, headersTimeout: LIMITS.headers_ms, connectionsCheckingInterval: 1000 },
    return503OnClosing: false, // ours says so in OpenAI's shape
    clientErrorHandler: answerBrokenConnection,
    frameworkErrors: (error, request, reply) => replyToError(app, error, request, reply as unknown as FastifyReply),
  });
  fastify.server.maxHeadersCount = LIMITS.header_count;
  const connections = new Connections(fastify.server);
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => parseInto(body as Buffer, done));
  fastify.addHook('onRequest', async (request, reply) => checkDoor(app, connections, request, reply));
  fastify.setErrorHandler((error, request, reply) => replyToError(app, error, request, reply));
  fastify.setNotFoundHandler((request, reply) => replyToError(app, noSuchRoute(request), request, reply));
  for (const [method, url, handler] of ROUTES) fastify.route({ method, url, handler: (request, reply) => handler(app, request, reply) });
  return { fastify, connections };
}

function parseInto(body: Buffer, done: (error: Error | null, value?: unknown) => void): void {
  try {
    done(null, parseJsonBody(body));
  } catch (error) {
    done(error as Error);
  }
}

/** What is refused before the body is read. */
function checkDoor(app: App, connections: Connections, request: FastifyRequest, reply: FastifyReply): void {
  const id = request.headers['x-request-id'];
  if (typeof id === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(id)) reply.header('x-request-id', id);
  if (request.url.length > LIMITS.url_bytes)
    throw new HttpError(414, 'invalid_request_error', null, `the URL is longer than ${LIMITS.url_bytes} bytes`);
  if (app.isDraining && request.method === 'POST') {
    reply.header('connection', 'close');
    throw new HttpError(503, 'server_error', 'shutting_down', 'the server is shutting down', null, { 'retry-after': '1' });
  }
  if (connections.size > LIMITS.connections) {
    reply.header('connection', 'close');
    throw new HttpError(503, 'server_error', 'engine_unavailable', `more than ${LIMITS.connections} connections are open`, null, { 'retry-after': '1' });
  }
  const coding = request.headers['content-encoding'];
  if (coding !== undefined && coding !== 'identity')
    throw new HttpError(415, 'invalid_request_error', null, 'content-encoding: bodies are taken uncompressed only');
}

function noSuchRoute(request: FastifyRequest): HttpError {
  const path = request.url.split('?')[0]!;
  const methods = ROUTES.filter(([, url]) => url === path).map(([method]) => method);
  if (methods.length === 0) return new HttpError(404, 'not_found_error', null, 'there is no such path on this server');
  const allow = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
  return new HttpError(405, 'invalid_request_error', null, `${path} takes ${allow}`, null, { allow });
}
