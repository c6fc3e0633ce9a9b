// Starts one worker and shakes hands: listen, spawn, hello (protocol version), ready (limits). Nothing is left behind on failure.
import { setTimeout } from 'node:timers/promises';
import { ERROR_CODES, PROTOCOL_VERSION, TrtllmError, type ErrorCode, type Ready } from '@trtllm/protocol';
import { WorkerConnection } from './connection.js';
import { deferred } from './deferred.js';
import { launchCommand, type WorkerOptions } from './launch-command.js';
import { WorkerListener } from './listener.js';
import { WorkerClient } from './worker-client.js';
import { WorkerProcess } from './worker-process.js';

export interface StartLimits {
  /** From spawn to `hello`. */
  hello_ms: number;
  /** From `hello` to `ready`: the engine is read and checked meanwhile. */
  ready_ms: number;
}

export const START_LIMITS: StartLimits = { hello_ms: 30_000, ready_ms: 900_000 };

/** A worker that cannot load says so in a `failed` message just before it exits: that is the better reason, and may be read later. */
const LAST_WORDS_MS = 200;

export async function startWorker(
  options: WorkerOptions,
  onLogLine: (line: string) => void,
  signal?: AbortSignal,
  limits: StartLimits = START_LIMITS,
): Promise<WorkerClient> {
  const listener = await WorkerListener.open();
  let process: WorkerProcess | undefined;
  const aborted = rejectOnAbort(signal);
  try {
    process = await WorkerProcess.spawn(launchCommand(options, listener.socketPath), onLogLine);
    const died = process.exited.then(async (how): Promise<never> => {
      // Also runs when a worker ends long after its start: that must not keep this process.
      await setTimeout(LAST_WORDS_MS, undefined, { ref: false });
      throw new TrtllmError('WORKER_EXITED', `the worker ${how} before it was ready; its log says why`);
    });
    const socket = await firstOf(listener.accepted, 'dial in', limits.hello_ms, died, aborted.promise);
    const connection = new WorkerConnection(socket);
    const shake = shakeHands(connection);
    await firstOf(shake.hello, 'say hello', limits.hello_ms, died, aborted.promise);
    const ready = await firstOf(shake.ready, 'load the engine', limits.ready_ms, died, aborted.promise);
    return new WorkerClient(connection, process, ready);
  } catch (error) {
    process?.kill();
    throw error;
  } finally {
    aborted.forget();
    await listener.close();
  }
}

interface Handshake {
  hello: Promise<void>;
  ready: Promise<Ready>;
}

function shakeHands(connection: WorkerConnection): Handshake {
  const hello = deferred<void>();
  const ready = deferred<Ready>();
  const refuse = (error: TrtllmError) => {
    hello.reject(error);
    ready.reject(error);
  };
  connection.onMessage = ({ header }) => {
    if (header.type === 'hello' && header.protocol_version === PROTOCOL_VERSION) hello.resolve();
    else if (header.type === 'hello') refuse(versionMismatch(header.protocol_version, header.build));
    else if (header.type === 'ready') ready.resolve(header);
    else if (header.type === 'failed') refuse(new TrtllmError(loadErrorCode(header.code), header.message));
  };
  void connection.closed.then((reason) => reason && refuse(reason));
  return { hello: hello.promise, ready: ready.promise };
}

function versionMismatch(found: number, build: string): TrtllmError {
  return new TrtllmError(
    'WORKER_PROTOCOL',
    `the worker (build ${build}) speaks protocol version ${found}, this runtime speaks ${PROTOCOL_VERSION}; rebuild both with "make build"`,
  );
}

function loadErrorCode(code: string): ErrorCode {
  return Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'INTERNAL_ERROR';
}

/** The awaited value, unless the time limit or one of the enders comes first. */
async function firstOf<T>(awaited: Promise<T>, verb: string, limit_ms: number, ...enders: Promise<never>[]): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new TrtllmError('WORKER_PROTOCOL', `the worker did not ${verb} within ${limit_ms / 1000} s`);
    timer = globalThis.setTimeout(reject, limit_ms, error);
  });
  try {
    return await Promise.race([awaited, late, ...enders]);
  } finally {
    clearTimeout(timer);
  }
}

function rejectOnAbort(signal: AbortSignal | undefined): { promise: Promise<never>; forget: () => void } {
  const aborted = deferred<never>();
  const onAbort = () => aborted.reject(new TrtllmError('SHUTTING_DOWN', 'stopped while the worker was starting'));
  if (signal?.aborted) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });
  return { promise: aborted.promise, forget: () => signal?.removeEventListener('abort', onAbort) };
}
