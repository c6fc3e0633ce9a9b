// Error replies in OpenAI's shape: {"error": {message, type, param, code}}, all four keys always there.
import { TrtllmError, type ErrorCode } from '@trtllm/protocol';

type ErrorType = 'invalid_request_error' | 'not_found_error' | 'rate_limit_error' | 'server_error';

export interface ErrorBody {
  error: { message: string; type: ErrorType; param: string | null; code: string | null };
}

export class HttpError extends Error {
  override readonly name = 'HttpError';
  constructor(
    readonly status: number,
    readonly type: ErrorType,
    readonly code: string | null,
    message: string,
    readonly param: string | null = null,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }

  body(): ErrorBody {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.code } };
  }
}

export function invalid(message: string, param: string | null = null, code: string | null = null): HttpError {
  return new HttpError(400, 'invalid_request_error', code, message, param);
}

/** At most 100 characters of what a client sent, as JSON text: no line breaks, no control codes. */
export function quote(found: string): string {
  return JSON.stringify(found.length > 100 ? `${found.slice(0, 97)}...` : found);
}

const RETRY_SOON = { 'retry-after': '1' };

const REPLIES: Partial<Record<ErrorCode, [status: number, type: ErrorType, code: string, headers?: Record<string, string>]>> = {
  REQUEST_INVALID: [400, 'invalid_request_error', 'invalid_request'],
  REQUEST_TOO_LONG: [400, 'invalid_request_error', 'context_length_exceeded'],
  QUEUE_FULL: [429, 'rate_limit_error', 'queue_full', RETRY_SOON],
  ENGINE_UNAVAILABLE: [503, 'server_error', 'engine_unavailable', RETRY_SOON],
  WORKER_EXITED: [503, 'server_error', 'worker_exited', RETRY_SOON],
  WORKER_PROTOCOL: [503, 'server_error', 'worker_exited', RETRY_SOON],
  SHUTTING_DOWN: [503, 'server_error', 'shutting_down', RETRY_SOON],
  REQUEST_TIMEOUT: [504, 'server_error', 'timeout'],
  OUT_OF_MEMORY: [503, 'server_error', 'engine_unavailable', RETRY_SOON],
  NUMERICS_ERROR: [500, 'server_error', 'numerics_error'],
};

/** What a client is told of any error. A bug of ours is named by the request's id alone; `log` gets its cause. */
export function toHttpError(error: unknown, requestId: string, log: (line: string) => void): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof TrtllmError) {
    const reply = REPLIES[error.code];
    if (reply) return new HttpError(reply[0], reply[1], reply[2], `${error.code}: ${error.message}`, null, reply[3]);
  }
  log(`request ${requestId} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return new HttpError(500, 'server_error', 'internal_error', `internal error; the server's log has the cause under request id ${requestId}`);
}
