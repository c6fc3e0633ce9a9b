// Result files: one line for each request as it ends, so that a killed run leaves what it had, and the summary by rename, so
// that it is whole or absent.
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { TrtllmError } from '@trtllm/protocol';
import type { BenchOptions, SaveOptions } from '../bench-options.js';
import type { BenchReport } from './bench-report.js';
import { dateStamp, reportJson } from './report-json.js';
import { withResult } from './result-documents.js';
import type { RequestRecord } from '../client/request-record.js';

export class ResultFiles {
  readonly summaryPath: string;
  /** The same without its ending, for what lies beside it. */
  readonly stem: string;
  readonly requestsPath: string;
  readonly #requests: number;
  readonly #run: string | undefined;

  constructor(
    private readonly save: SaveOptions,
    options: BenchOptions,
    model: string,
    startedAt: Date,
  ) {
    this.summaryPath = join(save.dir, save.filename ?? defaultName(options, model, startedAt));
    this.stem = this.summaryPath.replace(/\.json$/, '');
    this.requestsPath = `${this.stem}.requests.jsonl`;
    this.#requests = named(this.requestsPath, () => {
      mkdirSync(save.dir, { recursive: true });
      return openSync(this.requestsPath, save.append ? 'a' : 'w');
    });
    this.#run = save.append ? startedAt.toISOString() : undefined;
  }

  append(record: RequestRecord): void {
    named(this.requestsPath, () => writeSync(this.#requests, `${JSON.stringify({ run: this.#run, ...requestLine(record) })}\n`));
  }

  writeSummary(report: BenchReport): void {
    if (this.save.append) writeWhole(this.summaryPath, () => withResult(this.summaryPath, reportJson(report)));
    else writeJson(this.summaryPath, reportJson(report));
  }

  close(): void {
    closeSync(this.#requests);
  }
}

export function writeJson(path: string, value: unknown): void {
  writeWhole(path, () => `${JSON.stringify(value, null, 2)}\n`);
}

/** By rename: whole or absent. */
function writeWhole(path: string, text: () => string): void {
  const temporary = `${path}.tmp`;
  named(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    try {
      writeFileSync(temporary, text());
      renameSync(temporary, path);
    } finally {
      rmSync(temporary, { force: true });
    }
  });
}

function named<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    const isFull = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
    throw new TrtllmError(isFull ? 'DISK_FULL' : 'IO_ERROR', `${path}: ${(cause as Error).message}`, { cause });
  }
}

function defaultName(options: BenchOptions, model: string, startedAt: Date): string {
  const rate = options.requestRate === Infinity ? 'inf' : options.requestRate;
  const concurrency = options.maxConcurrency === undefined ? '' : `-concurrency${options.maxConcurrency}`;
  return `${options.label ?? options.backend}-${rate}qps${concurrency}-${basename(model)}-${dateStamp(startedAt)}.json`;
}

/** Times in ms of the run's monotonic clock; stamps as µs since `sent`, each relative to the one before. */
function requestLine({ timeline, ...record }: RequestRecord): object {
  return {
    i: record.index,
    turn: record.turn,
    outcome: record.outcome,
    err: record.reason,
    sched: timeline.scheduled,
    send: timeline.sent,
    done: timeline.done,
    isl: record.plannedInput,
    isl_srv: record.serverInput,
    cached: record.cachedInput,
    osl_req: record.requestedOutput,
    osl: record.outputTokens,
    osl_from: record.outputFrom,
    finish: record.finishReason,
    tokens_per_step: record.tokensPerStep,
    stamps_us: timeline.stamps.map((at, i) => Math.round(1000 * (at - (timeline.stamps[i - 1] ?? timeline.sent)))),
    k: timeline.tokens,
  };
}
