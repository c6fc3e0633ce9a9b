// nvidia-smi's own loop, one line a GPU each second. A machine without it has no GPUs to tell of.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface GpuSample {
  /** ms of the run's monotonic clock, when the line came. */
  at: number;
  index: number;
  name: string;
  /** Undefined what the device does not tell, as under MIG. */
  utilizationPercent: number | undefined;
  memoryUsedMiB: number | undefined;
  memoryTotalMiB: number | undefined;
  powerW: number | undefined;
}

export interface GpuWatch {
  stop(): void;
  /** The program is not there or runs no more. */
  ended: Promise<void>;
}

const ARGUMENTS = ['--query-gpu=index,name,utilization.gpu,memory.used,memory.total,power.draw', '--format=csv,noheader,nounits', '-l', '1'];

/** Undefined for lines that are none of a GPU, such as a driver's complaint. */
export function parseGpuLine(line: string, at: number): GpuSample | undefined {
  const cells = line.split(',').map((cell) => cell.trim());
  if (cells.length !== 6 || !/^\d+$/.test(cells[0]!)) return undefined;
  const [utilizationPercent, memoryUsedMiB, memoryTotalMiB, powerW] = cells.slice(2).map((cell) => (/^\d+(\.\d+)?$/.test(cell) ? Number(cell) : undefined));
  return { at, index: Number(cells[0]), name: cells[1]!, utilizationPercent, memoryUsedMiB, memoryTotalMiB, powerW };
}

/** Calls back until it is stopped. Neither absence nor failure of the program is an error: then there are no samples. */
export function watchGpus(clock: () => number, onSample: (sample: GpuSample) => void, command = 'nvidia-smi'): GpuWatch {
  const child = spawn(command, ARGUMENTS, { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise<void>((resolve) => child.on('error', () => resolve()).on('exit', () => resolve()));
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const sample = parseGpuLine(line, clock());
    if (sample !== undefined) onSample(sample);
  });
  return {
    stop: () => {
      lines.close();
      child.stdout.destroy();
      // A child that never came to be has pid 0 in the kernel's eyes until the next turn: that is our own group.
      if (child.pid !== undefined) child.kill();
    },
    ended,
  };
}
