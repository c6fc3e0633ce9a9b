// Runs the native packer on a build plan and reads its progress: JSON lines on standard output.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ERROR_CODES, TrtllmError, type ErrorCode, type SourceDtype } from '@trtllm/protocol';
import { exists } from './input-file.js';

const PACKER = 'trtllm-builder';
const KILL_AFTER_MS = 5_000;

export interface ApplyRequest {
  nativeDirectory: string;
  planFile: string;
  /** Where the rank file goes. */
  output: string;
  manifestSha256: string;
  workers: number | undefined;
  onProgress: (doneBytes: number, totalBytes: number) => void;
  signal: AbortSignal | undefined;
}

/** What the packer says at its end, as far as it is used here. */
export interface PackerResult {
  /** By source dtype: weights that another stored type changed. */
  converted: Partial<Record<SourceDtype, { num_changed: number; max_relative_change: number }>>;
}

interface PackerLine {
  progress?: { done_bytes: number; total_bytes: number };
  result?: PackerResult;
  error?: { code: string; message: string };
}

export async function applyBuildPlan(request: ApplyRequest): Promise<PackerResult> {
  const program = join(request.nativeDirectory, PACKER);
  if (!(await exists(program))) throw new TrtllmError('IO_ERROR', `the native packer is not built: no ${program}; run \`make build\``);
  request.signal?.throwIfAborted();
  const args = ['--plan', request.planFile, '--output', request.output, '--manifest-sha256', request.manifestSha256];
  const packer = spawn(program, request.workers ? [...args, '--threads', String(request.workers)] : args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = () => {
    packer.kill('SIGTERM');
    setTimeout(() => packer.kill('SIGKILL'), KILL_AFTER_MS).unref();
  };
  request.signal?.addEventListener('abort', stop, { once: true });
  try {
    return await conversation(packer, request);
  } finally {
    request.signal?.removeEventListener('abort', stop);
  }
}

async function conversation(packer: ReturnType<typeof spawn>, request: ApplyRequest): Promise<PackerResult> {
  let stderr = '';
  packer.stderr!.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-4_000)));
  const ended = new Promise<string>((resolve, reject) => {
    packer.on('error', reject);
    packer.on('close', (code, signal) => resolve(signal ? `was ended by ${signal}` : `exited with ${code}`));
  });
  ended.catch(() => undefined); // awaited below, once the lines have ended
  const last: PackerLine = {};
  for await (const text of createInterface({ input: packer.stdout! })) {
    const line = parseLine(text);
    if (line.progress) request.onProgress(line.progress.done_bytes, line.progress.total_bytes);
    Object.assign(last, line);
  }
  const end = await ended.catch((cause: Error) => {
    throw new TrtllmError('IO_ERROR', `${PACKER} did not start: ${cause.message}`, { cause });
  });
  request.signal?.throwIfAborted();
  if (last.error) throw packerError(last.error);
  if (last.result && end === 'exited with 0') return last.result;
  throw new TrtllmError('IO_ERROR', `${PACKER} ${end} before it was done${stderr && `; it said: ${stderr.trim()}`}`);
}

function parseLine(text: string): PackerLine {
  try {
    return JSON.parse(text) as PackerLine;
  } catch (cause) {
    throw new TrtllmError('INTERNAL_ERROR', `${PACKER} wrote a line that is not JSON: ${text.slice(0, 200)}`, { cause });
  }
}

function packerError({ code, message }: { code: string; message: string }): TrtllmError {
  return new TrtllmError(Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'INTERNAL_ERROR', message);
}
