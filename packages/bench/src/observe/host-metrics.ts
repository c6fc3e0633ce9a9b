// Samples of the host -> what a report says of them. Means and maxima are over samples of the run itself; the series has those before it too.
import type { GpuSample } from './nvidia-smi.js';
import type { HostSample, HostSeries } from './host-sampler.js';

export interface MeanMax {
  mean: number;
  max: number;
}

export interface GpuMetrics {
  index: number;
  name: string;
  memoryTotalMiB: number | undefined;
  utilizationPercent: MeanMax | undefined;
  memoryUsedMiB: MeanMax | undefined;
  powerW: MeanMax | undefined;
}

export interface HostMetrics extends HostSeries {
  /** Of all cores, 0 to 1. */
  cpu: MeanMax | undefined;
  stolenCpu: MeanMax | undefined;
  memoryBytes: MeanMax | undefined;
  /** Cores. */
  benchCpu: MeanMax | undefined;
  benchMemoryBytes: MeanMax | undefined;
  gpus: GpuMetrics[];
}

/** `start` and sample times in ms of the same clock; times in the result are from `start`, those before it negative. */
export function hostMetrics(series: HostSeries, start: number): HostMetrics {
  const samples = series.samples.map((sample) => ({ ...sample, at: sample.at - start }));
  const gpuSamples = series.gpuSamples.map((sample) => ({ ...sample, at: sample.at - start }));
  const during = samples.filter(({ at }) => at > 0);
  const of = (name: Exclude<keyof HostSample, 'at'>): MeanMax | undefined => meanMax(during.map((sample) => sample[name]));
  return {
    ...series,
    samples,
    gpuSamples,
    cpu: of('cpu'),
    stolenCpu: of('stolenCpu'),
    memoryBytes: of('memoryBytes'),
    benchCpu: of('benchCpu'),
    benchMemoryBytes: of('benchMemoryBytes'),
    gpus: gpuMetrics(gpuSamples.filter(({ at }) => at > 0)),
  };
}

function gpuMetrics(samples: readonly GpuSample[]): GpuMetrics[] {
  const indices = [...new Set(samples.map(({ index }) => index))].sort((a, b) => a - b);
  return indices.map((index) => {
    const own = samples.filter((sample) => sample.index === index);
    const of = (name: 'utilizationPercent' | 'memoryUsedMiB' | 'powerW'): MeanMax | undefined => meanMax(own.map((sample) => sample[name]));
    const { name, memoryTotalMiB } = own[0]!;
    return { index, name, memoryTotalMiB, utilizationPercent: of('utilizationPercent'), memoryUsedMiB: of('memoryUsedMiB'), powerW: of('powerW') };
  });
}

/** Of the values that are there; undefined without any. */
export function meanMax(values: readonly (number | undefined)[]): MeanMax | undefined {
  const told = values.filter((value) => value !== undefined);
  if (told.length === 0) return undefined;
  return { mean: told.reduce((sum, value) => sum + value, 0) / told.length, max: told.reduce((a, b) => Math.max(a, b)) };
}
