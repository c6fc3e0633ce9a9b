// One child process: spawned, its log lines passed on, ended politely and then firmly. Knows nothing of frames.
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { TrtllmError } from '@trtllm/protocol';
import type { LaunchCommand } from './launch-command.js';

export class WorkerProcess {
  /** How it ended, in words: "was killed by SIGKILL", "exited with status 1". Never rejects. */
  readonly exited: Promise<string>;
  private constructor(private readonly child: ChildProcess) {
    this.exited = new Promise((resolve) => {
      child.once('error', (error) => resolve(`could not be started: ${error.message}`));
      child.once('exit', (status, signal) => resolve(signal ? `was killed by ${signal}` : `exited with status ${status}`));
    });
  }

  /** Throws ENGINE_UNAVAILABLE where the executable cannot be run. */
  static async spawn(command: LaunchCommand, onLogLine: (line: string) => void): Promise<WorkerProcess> {
    const child = spawn(command.file, command.args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const process = new WorkerProcess(child);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (cause) => reject(notExecutable(command.file, cause)));
    });
    forwardLines(child.stdout!, onLogLine);
    forwardLines(child.stderr!, onLogLine);
    return process;
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Waits for its own end, then SIGTERM, then SIGKILL; `patience_ms` before each. */
  async terminate(patience_ms: number): Promise<string> {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const ended = await within(this.exited, patience_ms);
      if (ended !== undefined) return ended;
      this.child.kill(signal);
    }
    return this.exited;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}

/** The promise's value, or undefined after `limit_ms`. */
export async function within<T>(promise: Promise<T>, limit_ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, limit_ms, undefined);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function notExecutable(file: string, cause: Error): TrtllmError {
  return new TrtllmError('ENGINE_UNAVAILABLE', `cannot run the worker ${file}: ${cause.message}; run "make build", or set TRTLLM_NATIVE_DIR`, {
    cause,
  });
}

function forwardLines(stream: Readable, onLogLine: (line: string) => void): void {
  // Control codes of a log line must not reach a terminal.
  createInterface({ input: stream }).on('line', (line) => onLogLine(line.replace(/\p{Cc}/gu, ' ')));
}
