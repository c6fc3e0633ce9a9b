// What the host did during a run: lines for people, an object for the result file.
import { rounded, spread } from './figures.js';
import type { GpuMetrics, HostMetrics, MeanMax } from './host-metrics.js';

const GIB = 2 ** 30;

export function hostLines(host: HostMetrics): string {
  const machine = [
    host.cpu && `CPU ${percent(host.cpu)} of ${host.cores} cores`,
    host.benchCpu && `this process ${percent(host.benchCpu)} of one`,
    host.stolenCpu && host.stolenCpu.max >= 0.01 && `${percent(host.stolenCpu)} stolen by other machines`,
    host.memoryBytes && `memory at most ${(host.memoryBytes.max / GIB).toFixed(1)} of ${((host.memoryTotalBytes ?? 0) / GIB).toFixed(1)} GiB`,
  ].filter(Boolean);
  return [`Host: ${machine.join(', ')}.`, ...host.gpus.map(gpuLine)].join('\n');
}

function gpuLine({ index, name, memoryTotalMiB, utilizationPercent, memoryUsedMiB, powerW }: GpuMetrics): string {
  const facts = [
    utilizationPercent && `busy ${spread(utilizationPercent)} % of the time`,
    memoryUsedMiB && memoryTotalMiB && `memory at most ${(memoryUsedMiB.max / 1024).toFixed(1)} of ${(memoryTotalMiB / 1024).toFixed(1)} GiB`,
    powerW && `${spread(powerW)} W`,
  ].filter(Boolean);
  return `GPU ${index} (${name}): ${facts.join(', ') || 'tells nothing'}.`;
}

function percent({ mean, max }: MeanMax): string {
  return `${spread({ mean: 100 * mean, max: 100 * max })} %`;
}

/** Times in ms from the start of the run, negative before it. */
export function hostJson(host: HostMetrics): Record<string, unknown> {
  return {
    cores: host.cores,
    memory_total_bytes: host.memoryTotalBytes ?? null,
    cpu_share: host.cpu ?? null,
    stolen_cpu_share: host.stolenCpu ?? null,
    memory_used_bytes: host.memoryBytes ?? null,
    bench_cpu_cores: host.benchCpu ?? null,
    bench_memory_bytes: host.benchMemoryBytes ?? null,
    gpus: host.gpus.map((gpu) => ({
      index: gpu.index,
      name: gpu.name,
      utilization_percent: gpu.utilizationPercent ?? null,
      memory_used_mib: gpu.memoryUsedMiB ?? null,
      memory_total_mib: gpu.memoryTotalMiB ?? null,
      power_w: gpu.powerW ?? null,
    })),
    series: {
      host: host.samples.map(({ at, cpu, memoryBytes, benchCpu, benchMemoryBytes }) => [at, cpu, memoryBytes, benchCpu, benchMemoryBytes].map(rounded)),
      host_columns: ['at_ms', 'cpu_share', 'memory_used_bytes', 'bench_cpu_cores', 'bench_memory_bytes'],
      gpu: host.gpuSamples.map(({ at, index, utilizationPercent, memoryUsedMiB, powerW }) => [at, index, utilizationPercent, memoryUsedMiB, powerW].map(rounded)),
      gpu_columns: ['at_ms', 'index', 'utilization_percent', 'memory_used_mib', 'power_w'],
    },
  };
}
