// The machine that measured: two results are compared only if it was the same.
import { arch, cpus, release, totalmem } from 'node:os';

export function clientMachine(): Record<string, string | number> {
  const all = cpus();
  return { cpu: all[0]?.model.trim() ?? 'unknown', cores: all.length, memory_gib: Math.round(totalmem() / 2 ** 30), kernel: release(), arch: arch(), node: process.version };
}
