// The machine's limits, measured by the native `trtllm-roofline` and shown beside each other: every speed is read against them.
import { execFile } from 'node:child_process';
import { TrtllmError, ERROR_CODES, type ErrorCode } from '@trtllm/protocol';
import Table from 'cli-table3';
import { z } from 'zod';

// The fields of native/src/roofline/roofline.h.
const rooflineSchema = z.object({
  isas: z.array(z.string()),
  cpu_features: z.string(),
  /** What "all threads" means below. */
  threads: z.number(),
  seconds: z.number(),
  arithmetic: z.array(z.object({ isa: z.string(), type: z.string(), threads: z.number(), gflops: z.number() })),
  read: z.array(
    z.object({ level: z.string(), bytes_per_thread: z.number(), threads: z.number(), gbytes_per_second: z.number() }),
  ),
  barrier_ns: z.number(),
});

export type Roofline = z.infer<typeof rooflineSchema>;

export interface RooflineOptions {
  /** Path of `trtllm-roofline`. */
  executable: string;
  /** Default: every core. */
  threads?: number | undefined;
  /** For all measurements together; default 5. */
  seconds?: number | undefined;
  signal?: AbortSignal | undefined;
}

export async function measureRoofline({ executable, threads, seconds, signal }: RooflineOptions): Promise<Roofline> {
  const args = [
    ...(threads === undefined ? [] : ['--threads', String(threads)]),
    ...(seconds === undefined ? [] : ['--seconds', String(seconds)]),
  ];
  const stdout = await runToEnd(executable, args, signal);
  try {
    return rooflineSchema.parse(JSON.parse(stdout));
  } catch (cause) {
    throw new TrtllmError('INTERNAL_ERROR', `${executable}: its output is not the expected JSON; are both of one build?`, { cause });
  }
}

function runToEnd(executable: string, args: string[], signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(executable, args, { signal }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(refusalOf(executable, error, stderr.trim()));
    });
  });
}

/** Native errors are one line `CODE: sentence`. */
function refusalOf(executable: string, error: Error & { code?: unknown }, stderr: string): TrtllmError {
  if (error.code === 'ENOENT') return new TrtllmError('IO_ERROR', `${executable}: not found; make build makes it`, { cause: error });
  const [, code = '', sentence = ''] = /^([A-Z_]+): (.*)$/s.exec(stderr) ?? [];
  if (code in ERROR_CODES) return new TrtllmError(code as ErrorCode, sentence, { cause: error });
  return new TrtllmError('INTERNAL_ERROR', `${executable}: ${stderr || error.message}`, { cause: error });
}

export function formatRoofline(roofline: Roofline): string {
  const title = `${roofline.isas.join(', ')} on ${roofline.threads} threads (${roofline.cpu_features})`;
  return `${title}\n${arithmeticTable(roofline)}\n${readTable(roofline)}\nBarrier of all threads: ${roofline.barrier_ns.toFixed(0)} ns\n`;
}

function arithmeticTable({ arithmetic, threads }: Roofline): string {
  const table = newTable(['arithmetic', '1 thread', 'all threads', 'unit'], threads);
  for (const { isa, type } of arithmetic.filter((peak) => peak.threads === 1)) {
    const at = (count: number): number | undefined =>
      arithmetic.find((peak) => peak.isa === isa && peak.type === type && peak.threads === count)?.gflops;
    table.push(cellsOf(`${isa} ${type}`, at, threads, type === 'int8' ? 'GOP/s' : 'GFLOP/s'));
  }
  return table.toString();
}

function readTable({ read, threads }: Roofline): string {
  const table = newTable(['read', '1 thread', 'all threads', 'unit'], threads);
  for (const { level } of read.filter((point) => point.threads === 1)) {
    const at = (count: number): number | undefined =>
      read.find((point) => point.level === level && point.threads === count)?.gbytes_per_second;
    table.push(cellsOf(level, at, threads, 'GB/s'));
  }
  return table.toString();
}

/** One thread is all threads on a machine with one core: then a column less. */
function newTable(head: string[], threads: number): Table.Table {
  const columns = threads === 1 ? head.toSpliced(2, 1) : head;
  return new Table({
    head: columns,
    colAligns: columns.map((name) => (/thread/.test(name) ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
}

function cellsOf(name: string, at: (threads: number) => number | undefined, threads: number, unit: string): string[] {
  const counts = threads === 1 ? [1] : [1, threads];
  return [name, ...counts.map((count) => at(count)?.toFixed(1) ?? '-'), unit];
}
