// A server that is started for a comparison: run through the shell as a process group of its own, waited for, stopped whole.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { TrtllmError } from '@trtllm/protocol';
import { isReady } from '../client/server-ready.js';

export interface ServerCommand {
  /** For messages: "a". */
  name: string;
  /** For the shell. `{port}` stands for a free port, without which `url` must be given. */
  command: string;
  url?: string | undefined;
  /** Gets what the server prints. */
  logPath: string;
}

export interface ServerProcess {
  url: string;
  /** Why it is no longer there; undefined while it runs. */
  ending: () => string | undefined;
  stop: () => Promise<void>;
}

const POLL_MS = 100;
const POLITE_MS = 15_000;
const LOG_LINES = 12;

/** Resolves when the server answers. Throws SERVER_UNREACHABLE if it ends before, or does not answer in time; it is stopped then. */
export async function startServer(server: ServerCommand, { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number }): Promise<ServerProcess> {
  const port = server.command.includes('{port}') ? await freePort() : undefined;
  const url = server.url ?? `http://127.0.0.1:${port}`;
  const child = spawnGroup(server.command.replaceAll('{port}', String(port)), server.logPath);
  const running: ServerProcess = { url, ending: () => endingOf(child, server), stop: () => stopGroup(child) };
  try {
    await untilHealthy(running, server, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
    return running;
  } catch (error) {
    await running.stop();
    signal.throwIfAborted();
    if (error instanceof TrtllmError) throw error;
    throw new TrtllmError('SERVER_UNREACHABLE', `server ${server.name}: ${url}/health did not answer within ${timeoutMs / 1000} s; ${lastLines(server.logPath)}`);
  }
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, 'close');
  return port;
}

function spawnGroup(command: string, logPath: string): ChildProcess {
  const log = openSync(logPath, 'w');
  const child = spawn(command, { shell: true, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const kill = (): void => void signalGroup(child, 'SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return child;
}

async function untilHealthy(running: ServerProcess, { name }: ServerCommand, signal: AbortSignal): Promise<void> {
  while (!(await isReady(running.url, signal))) {
    const ending = running.ending();
    if (ending !== undefined) throw new TrtllmError('SERVER_UNREACHABLE', `server ${name}: ${ending}`);
    await sleep(POLL_MS, undefined, { signal });
  }
}

function endingOf({ exitCode, signalCode }: ChildProcess, { logPath }: ServerCommand): string | undefined {
  if (exitCode === null && signalCode === null) return undefined;
  return `its command ended with ${signalCode ?? `exit code ${exitCode}`}; ${lastLines(logPath)}`;
}

function lastLines(logPath: string): string {
  const lines = readFileSync(logPath, 'utf8').trimEnd().split('\n').slice(-LOG_LINES);
  return `${logPath} ends with:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

/** The shell may be gone before what it started. */
async function stopGroup(child: ChildProcess): Promise<void> {
  signalGroup(child, 'SIGTERM');
  const deadline = Date.now() + POLITE_MS;
  while (signalGroup(child, 0) && Date.now() < deadline) await sleep(POLL_MS);
  signalGroup(child, 'SIGKILL');
}

/** False: nobody is left. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  try {
    return pid !== undefined && process.kill(-pid, signal);
  } catch {
    return false;
  }
}
