// One run of a native tool. It says on standard output, as JSON lines, how far it is, and at its end a result or an error.
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ERROR_CODES, TrtllmError, type ErrorCode } from '@trtllm/protocol';
import { exists } from './input-file.js';

const KILL_AFTER_MS = 5_000;

export interface NativeToolRun<Progress> {
  nativeDirectory: string;
  /** Name of the executable. */
  tool: string;
  args: string[];
  onProgress: (progress: Progress) => void;
  signal: AbortSignal | undefined;
}

interface Line<Progress, Result> {
  progress?: Progress;
  result?: Result;
  error?: { code: string; message: string };
}

export async function runNativeTool<Progress, Result>(run: NativeToolRun<Progress>): Promise<Result> {
  const program = join(run.nativeDirectory, run.tool);
  if (!(await exists(program))) throw new TrtllmError('IO_ERROR', `${run.tool} is not built: no ${program}; run \`make build\``);
  run.signal?.throwIfAborted();
  const child = spawn(program, run.args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = () => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS).unref();
  };
  run.signal?.addEventListener('abort', stop, { once: true });
  try {
    return await conversation<Progress, Result>(child, run);
  } finally {
    run.signal?.removeEventListener('abort', stop);
  }
}

async function conversation<Progress, Result>(child: ChildProcess, { tool, onProgress, signal }: NativeToolRun<Progress>): Promise<Result> {
  let stderr = '';
  child.stderr!.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-4_000)));
  const ended = new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, killer) => resolve(killer ? `was ended by ${killer}` : `exited with ${code}`));
  });
  ended.catch(() => undefined); // awaited below, once the lines have ended
  const last: Line<Progress, Result> = {};
  for await (const text of createInterface({ input: child.stdout! })) {
    const line = parseLine<Progress, Result>(text, tool);
    if (line.progress) onProgress(line.progress);
    Object.assign(last, line);
  }
  const end = await ended.catch((cause: Error) => {
    throw new TrtllmError('IO_ERROR', `${tool} did not start: ${cause.message}`, { cause });
  });
  signal?.throwIfAborted();
  if (last.error) throw nativeError(last.error);
  if (last.result && end === 'exited with 0') return last.result;
  throw new TrtllmError('IO_ERROR', `${tool} ${end} before it was done${stderr && `; it said: ${stderr.trim()}`}`);
}

function parseLine<Progress, Result>(text: string, tool: string): Line<Progress, Result> {
  try {
    return JSON.parse(text) as Line<Progress, Result>;
  } catch (cause) {
    throw new TrtllmError('INTERNAL_ERROR', `${tool} wrote a line that is not JSON: ${text.slice(0, 200)}`, { cause });
  }
}

function nativeError({ code, message }: { code: string; message: string }): TrtllmError {
  return new TrtllmError(Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'INTERNAL_ERROR', message);
}
