// Errors as replies: ours, Fastify's, and those of a connection that never became a request.
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { App } from './app.js';
import { HttpError, invalid, toHttpError } from './errors.js';
import { LIMITS } from './limits.js';

export function replyToError(app: App, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const answer = ofFastify(error as FastifyError) ?? toHttpError(error, request.id, app.log);
  if (answer.status === 413) reply.header('connection', 'close');
  return reply.code(answer.status).headers(answer.headers).type('application/json; charset=utf-8').send(answer.body());
}

function ofFastify(error: Partial<FastifyError>): HttpError | undefined {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new HttpError(413, 'invalid_request_error', 'body_too_large', `the body is larger than ${LIMITS.body_bytes} bytes`);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new HttpError(415, 'invalid_request_error', null, 'content-type: expected application/json');
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return invalid('the body is empty; expected a JSON object', null, 'invalid_json');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return invalid('the body is not as long as content-length says');
    case 'FST_ERR_BAD_URL':
      return invalid('the URL is malformed');
    default:
      return undefined;
  }
}

/** Node gives the bare socket: too slow, header too large, or no HTTP at all. */
export function answerBrokenConnection(error: Error & { code: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const answer = brokenConnection(error.code);
  const body = JSON.stringify(answer.body());
  socket.end(
    `HTTP/1.1 ${answer.status} ${answer.reason}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function brokenConnection(code: string): { status: number; reason: string; body: () => object } {
  const of = (status: number, reason: string, word: string | null, message: string) => {
    const error = new HttpError(status, 'invalid_request_error', word, message);
    return { status, reason, body: () => error.body() };
  };
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return of(408, 'Request Timeout', 'timeout', 'the request was not sent in time');
  if (code === 'HPE_HEADER_OVERFLOW')
    return of(431, 'Request Header Fields Too Large', null, `the headers are larger than ${LIMITS.header_bytes} bytes`);
  return of(400, 'Bad Request', null, 'this is no HTTP request');
}
