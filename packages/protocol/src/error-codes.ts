// Every error code: HTTP status where a request caused it, exit code where a command did. Sentences are made where the facts are:
// what, where, expected, found, what to do. Native code throws the same codes; a test compares the lists.

export interface ErrorCodeInfo {
  status: number;
  exit: number;
}

export const ERROR_CODES = {
  BAD_FLAG: { status: 400, exit: 2 },
  CHECKPOINT_NOT_FOUND: { status: 400, exit: 3 },
  CHECKPOINT_INVALID: { status: 400, exit: 3 },
  ARCHITECTURE_UNKNOWN: { status: 400, exit: 3 },
  CONFIG_INVALID: { status: 400, exit: 3 },
  SAFETENSORS_INVALID: { status: 400, exit: 3 },
  TENSOR_MISSING: { status: 400, exit: 3 },
  TENSOR_MISMATCH: { status: 400, exit: 3 },
  TENSOR_NONFINITE: { status: 400, exit: 3 },
  PLAN_INVALID: { status: 500, exit: 3 },
  OUTPUT_EXISTS: { status: 400, exit: 4 },
  DISK_FULL: { status: 507, exit: 4 },
  IO_ERROR: { status: 500, exit: 4 },
  ENGINE_NOT_FOUND: { status: 400, exit: 5 },
  ENGINE_INVALID: { status: 400, exit: 5 },
  ENGINE_VERSION: { status: 400, exit: 5 },
  ENGINE_TENSOR_MISMATCH: { status: 400, exit: 5 },
  GRAPH_INVALID: { status: 400, exit: 5 },
  TIMING_CACHE_INVALID: { status: 400, exit: 5 },
  ISA_UNAVAILABLE: { status: 400, exit: 6 },
  OUT_OF_MEMORY: { status: 503, exit: 6 },
  PORT_IN_USE: { status: 503, exit: 7 },
  WORKER_EXITED: { status: 503, exit: 8 },
  WORKER_PROTOCOL: { status: 500, exit: 8 },
  REQUEST_INVALID: { status: 400, exit: 2 },
  REQUEST_TOO_LONG: { status: 400, exit: 2 },
  QUEUE_FULL: { status: 429, exit: 9 },
  NUMERICS_ERROR: { status: 500, exit: 10 },
  REQUEST_TIMEOUT: { status: 504, exit: 9 },
  ENGINE_UNAVAILABLE: { status: 503, exit: 8 },
  SHUTTING_DOWN: { status: 503, exit: 9 },
  BENCH_FAILED_REQUESTS: { status: 500, exit: 11 },
  SERVER_UNREACHABLE: { status: 503, exit: 11 },
  INTERNAL_ERROR: { status: 500, exit: 1 },
} as const satisfies Record<string, ErrorCodeInfo>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** An error with a stable code; `message` names what was found, what was expected and the mend. */
export class TrtllmError extends Error {
  override readonly name = 'TrtllmError';
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
  get status(): number {
    return ERROR_CODES[this.code].status;
  }
  get exitCode(): number {
    return ERROR_CODES[this.code].exit;
  }
}
