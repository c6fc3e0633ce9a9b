// The two servers of a comparison: there already, or started for it and stopped after it.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TrtllmError } from '@trtllm/protocol';
import type { Side } from './interleave.js';
import { startServer, type ServerProcess } from './server-process.js';

/** A URL, a command, or both: the command then listens at the URL. */
export interface Target {
  url?: string | undefined;
  command?: string | undefined;
}

export interface ServersOptions {
  /** Of server-a.log and server-b.log. */
  logDir: string;
  /** For each server to answer in. */
  startTimeoutMs: number;
  signal: AbortSignal;
  onStart?: ((side: Side, logPath: string) => void) | undefined;
}

type Started = Partial<Record<Side, ServerProcess | undefined>>;

/** One after the other, so that no two models are loaded at once. */
export async function withServers<T>(targets: Record<Side, Target>, options: ServersOptions, act: (urls: Record<Side, string>) => Promise<T>): Promise<T> {
  checkTarget(targets.a, 'a');
  checkTarget(targets.b, 'b');
  const started: Started = {};
  try {
    for (const side of ['a', 'b'] as const) started[side] = await start(side, targets[side], options);
    return await act({ a: started.a?.url ?? targets.a.url!, b: started.b?.url ?? targets.b.url! });
  } catch (error) {
    options.signal.throwIfAborted();
    throw await causeOf(error, started);
  } finally {
    await Promise.all([started.a?.stop(), started.b?.stop()]);
  }
}

function checkTarget({ url, command }: Target, side: Side): void {
  if (url === undefined && command === undefined) throw new TrtllmError('BAD_FLAG', `--${side}: expected a URL, or --${side}-command with what starts the server`);
  if (url === undefined && !command!.includes('{port}')) throw new TrtllmError('BAD_FLAG', `--${side}-command ${command}: expected {port} in it, where a free port is put, or --${side} with the URL it listens at`);
}

async function start(side: Side, { url, command }: Target, { logDir, startTimeoutMs, signal, onStart }: ServersOptions): Promise<ServerProcess | undefined> {
  if (command === undefined) return undefined;
  const logPath = join(logDir, `server-${side}.log`);
  onStart?.(side, logPath);
  return startServer({ name: side, command, url, logPath }, { signal, timeoutMs: startTimeoutMs });
}

/** A connection breaks before its process has ended. */
const ENDING_MS = 500;

/** Requests fail when a server is gone: what it said last tells why. */
async function causeOf(error: unknown, started: Started): Promise<unknown> {
  if (!(error instanceof TrtllmError)) return error;
  if (started.a ?? started.b) await sleep(ENDING_MS);
  for (const side of ['a', 'b'] as const) {
    const ending = started[side]?.ending();
    if (ending !== undefined) return new TrtllmError(error.code, `${error.message}; server ${side}: ${ending}`, { cause: error });
  }
  return error;
}
