import { chmodSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { monotonicMs } from '../client/timeline.js';
import { temporaryFile } from '../test-support/planned.js';
import { hostMetrics } from './host-metrics.js';
import { hostJson, hostLines } from './host-report.js';
import { HostSampler, type HostSeries } from './host-sampler.js';
import { parseGpuLine, watchGpus, type GpuSample } from './nvidia-smi.js';
import { parseCpuTicks, parseMemory } from './proc-facts.js';

test('the first line of /proc/stat: guest times are part of user already, waiting for a disc is idle', () => {
  const stat = 'cpu  100 10 40 800 50 3 7 20 60 0\ncpu0 50 5 20 400 25 1 3 10 30 0\n';
  expect(parseCpuTicks(stat)).toEqual({ busy: 180, stolen: 20, total: 1030 });
  expect(parseCpuTicks('')).toBeUndefined();
});

test('used memory is what programs cannot get', () => {
  expect(parseMemory('MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    400 kB\n')).toEqual({ used: 600 * 1024, total: 1000 * 1024 });
  expect(parseMemory('MemTotal: 1000 kB\n')).toBeUndefined();
});

test('a line of nvidia-smi, with what a device does not tell left out', () => {
  expect(parseGpuLine('0, NVIDIA H100 80GB HBM3, 97, 71234, 81559, 512.34', 5)).toEqual({
    at: 5, index: 0, name: 'NVIDIA H100 80GB HBM3', utilizationPercent: 97, memoryUsedMiB: 71234, memoryTotalMiB: 81559, powerW: 512.34,
  });
  expect(parseGpuLine('1, NVIDIA A100, [N/A], 10, 20, [Not Supported]', 5)).toMatchObject({ utilizationPercent: undefined, memoryUsedMiB: 10, powerW: undefined });
  expect(parseGpuLine('NVIDIA-SMI has failed because it couldn\'t communicate with the NVIDIA driver', 5)).toBeUndefined();
});

test('lines of a running program become samples until it is stopped, and then it has ended', async () => {
  const script = temporaryFile('smi', '#!/bin/sh\necho $$\nwhile true; do echo "0, GPU, 50, 1, 2, 100.0"; sleep 0.01; done\n');
  chmodSync(script, 0o755);
  const samples: GpuSample[] = [];
  const watch = watchGpus(monotonicMs, (sample) => samples.push(sample), script);
  while (samples.length < 3) await sleep(5);
  watch.stop();
  await watch.ended;
  const count = samples.length;
  await sleep(50);
  expect(samples).toHaveLength(count);
});

test('a machine without nvidia-smi has no GPUs, and nothing fails', async () => {
  const watch = watchGpus(monotonicMs, () => {}, '/nonexistent/nvidia-smi');
  await watch.ended;
  watch.stop();
});

test('this process at work is seen', async () => {
  const sampler = new HostSampler();
  const start = monotonicMs();
  const before = process.cpuUsage();
  await sleep(100);
  // Of CPU time, however many others want it.
  const usedMs = (): number => process.cpuUsage(before).user / 1000;
  while (usedMs() < 200);
  const { cores, samples } = await sampler.end();
  expect(cores).toBeGreaterThan(0);
  const cpuMs = samples.reduce((sum, { at, benchCpu }, i) => sum + benchCpu * (at - (samples[i - 1]?.at ?? start)), 0);
  expect(cpuMs).toBeGreaterThan(190);
  expect(samples[0]!.benchMemoryBytes).toBeGreaterThan(1e7);
  if (process.platform === 'linux') expect(samples[0]!.cpu).toBeGreaterThan(0);
});

const gpu = (at: number, utilizationPercent: number, powerW: number): GpuSample => ({ at, index: 0, name: 'H100', utilizationPercent, memoryUsedMiB: 1024, memoryTotalMiB: 81920, powerW });
const SERIES: HostSeries = {
  cores: 16,
  memoryTotalBytes: 64 * 2 ** 30,
  samples: [
    { at: 900, cpu: 1, stolenCpu: 0, memoryBytes: 60 * 2 ** 30, benchCpu: 3, benchMemoryBytes: 1 },
    { at: 2000, cpu: 0.25, stolenCpu: 0, memoryBytes: 8 * 2 ** 30, benchCpu: 0.2, benchMemoryBytes: 2 },
    { at: 3000, cpu: 0.75, stolenCpu: 0.1, memoryBytes: 16 * 2 ** 30, benchCpu: 0.4, benchMemoryBytes: 4 },
  ],
  gpuSamples: [gpu(500, 0, 60), gpu(1500, 80, 400), gpu(2500, 100, 600)],
};

test('figures are of the run; what came before it is in the series alone', () => {
  const host = hostMetrics(SERIES, 1000);
  expect(host).toMatchObject({ cpu: { mean: 0.5, max: 0.75 }, benchCpu: { max: 0.4 }, gpus: [{ index: 0, utilizationPercent: { mean: 90, max: 100 }, powerW: { mean: 500 } }] });
  expect(host.samples.map(({ at }) => at)).toEqual([-100, 1000, 2000]);
  expect(hostLines(host)).toBe(
    'Host: CPU 50 (at most 75) % of 16 cores, this process 30 (at most 40) % of one, 5 (at most 10) % stolen by other machines, memory at most 16.0 of 64.0 GiB.\n' +
      'GPU 0 (H100): busy 90 (at most 100) % of the time, memory at most 1.0 of 80.0 GiB, 500 (at most 600) W.',
  );
  expect(hostJson(host)).toMatchObject({ cores: 16, gpus: [{ power_w: { mean: 500, max: 600 } }], series: { gpu: [[-500, 0, 0, 1024, 60], {}, {}] } });
});

test('a run too short for any sample says nothing false', () => {
  expect(hostMetrics({ ...SERIES, gpuSamples: [] }, 5000)).toMatchObject({ cpu: undefined, gpus: [] });
});
