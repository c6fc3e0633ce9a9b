// The machine that the bench runs on, looked at each second: CPU, memory, GPUs. Files are read off the event loop's thread.
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { monotonicMs } from '../client/timeline.js';
import { watchGpus, type GpuSample } from './nvidia-smi.js';
import { parseCpuTicks, parseMemory, type CpuTicks } from './proc-facts.js';

export interface HostSample {
  /** ms of the run's monotonic clock; rates are over the time since the sample before. */
  at: number;
  /** Share of all cores, 0 to 1; undefined without /proc. */
  cpu: number | undefined;
  stolenCpu: number | undefined;
  memoryBytes: number | undefined;
  /** Of this process, a native client not among it: CPU seconds a second, resident bytes. */
  benchCpu: number;
  benchMemoryBytes: number;
}

export interface HostSeries {
  cores: number;
  memoryTotalBytes: number | undefined;
  samples: HostSample[];
  gpuSamples: GpuSample[];
}

interface Counters {
  at: number;
  ticks: CpuTicks | undefined;
  benchCpuS: number;
}

const PERIOD_MS = 1000;
// Ticks come at 100 Hz: shorter spans tell nothing of a share.
const SHORTEST_MS = 100;

export class HostSampler {
  readonly #series: HostSeries = { cores: availableParallelism(), memoryTotalBytes: undefined, samples: [], gpuSamples: [] };
  readonly #gpus = watchGpus(monotonicMs, (sample) => this.#series.gpuSamples.push(sample));
  #before = this.#count();
  readonly #timer = setInterval(() => void this.#sample(), PERIOD_MS).unref();

  /** With a last sample, so that a run below a second has one. */
  async end(): Promise<HostSeries> {
    this.close();
    await this.#sample();
    return this.#series;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#gpus.stop();
  }

  async #count(): Promise<Counters> {
    const stat = await textOf('/proc/stat');
    const { user, system } = process.cpuUsage();
    return { at: monotonicMs(), ticks: parseCpuTicks(stat), benchCpuS: (user + system) / 1e6 };
  }

  async #sample(): Promise<void> {
    const before = this.#before;
    const after = this.#count();
    this.#before = after;
    const memory = parseMemory(await textOf('/proc/meminfo'));
    const sample = difference(await before, await after);
    if (sample.at - (await before).at < SHORTEST_MS && this.#series.samples.length > 0) return;
    this.#series.memoryTotalBytes = memory?.total;
    this.#series.samples.push({ ...sample, memoryBytes: memory?.used, benchMemoryBytes: process.memoryUsage.rss() });
  }
}

function difference(before: Counters, after: Counters): Pick<HostSample, 'at' | 'cpu' | 'stolenCpu' | 'benchCpu'> {
  const benchCpu = (1000 * (after.benchCpuS - before.benchCpuS)) / (after.at - before.at);
  const ticks = after.ticks && before.ticks && after.ticks.total - before.ticks.total;
  const share = (name: 'busy' | 'stolen'): number | undefined => (ticks ? (after.ticks![name] - before.ticks![name]) / ticks : undefined);
  return { at: after.at, cpu: share('busy'), stolenCpu: share('stolen'), benchCpu };
}

function textOf(path: string): Promise<string> {
  return readFile(path, 'latin1').catch(() => '');
}
