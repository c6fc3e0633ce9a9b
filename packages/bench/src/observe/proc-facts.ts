// Linux's /proc -> counters of the host. Pure; knows the text of the files, not when they are read.

/** Clock ticks since boot, summed over all cores. */
export interface CpuTicks {
  busy: number;
  /** Part of `busy`: taken by the hypervisor for other machines. */
  stolen: number;
  total: number;
}

export interface MemoryBytes {
  used: number;
  total: number;
}

/** First line of /proc/stat: user nice system idle iowait irq softirq steal, then guest times, which user and nice hold already (proc_stat(5)). */
export function parseCpuTicks(stat: string): CpuTicks | undefined {
  const fields = /^cpu +(.*)$/m.exec(stat)?.[1]?.trim().split(/\s+/).slice(0, 8).map(Number);
  if (fields === undefined || fields.length < 4 || fields.some(Number.isNaN)) return undefined;
  const total = fields.reduce((sum, ticks) => sum + ticks, 0);
  return { busy: total - fields[3]! - (fields[4] ?? 0), stolen: fields[7] ?? 0, total };
}

/** /proc/meminfo; what programs could still get (MemAvailable) is not used. */
export function parseMemory(meminfo: string): MemoryBytes | undefined {
  const kib = (name: string): number => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(meminfo)?.[1] ?? Number.NaN);
  const total = kib('MemTotal');
  const used = total - kib('MemAvailable');
  return Number.isNaN(used) ? undefined : { used: used * 1024, total: total * 1024 };
}
