// Of a measured roofline, the two limits that hold for one engine: the arithmetic of its format, the bandwidth of where it fits.
import type { Roofline } from '../roofline.js';
import type { EngineCost } from './engine-cost.js';

export interface MachineLimits {
  /** 10^9 operations a second, and whose they are: "avx512 bf16". */
  gflops: number;
  arithmetic: string;
  /** 10^9 bytes a second, and from where: "DRAM", or the cache that holds all that a step reads. */
  gbytes: number;
  level: string;
  /** Of the threads' barrier: it tells where a virtual machine's cores are (seen: 20 ns on one core, 30 below one cache, 300 below two). */
  barrier_ns: number;
}

/** Types that can stand for the wanted one where a class has none of its own. */
const TYPES = { int8: ['int8', 'bf16', 'fp32'], bf16: ['bf16', 'fp32'], fp32: ['fp32'] } as const;

/** Of a class without peaks of its own (scalar) the machine's are taken. Undefined for a roofline without figures. */
export function machineLimits(roofline: Roofline, isa: string, { arithmetic, step_weight_bytes }: Pick<EngineCost, 'arithmetic' | 'step_weight_bytes'>): MachineLimits | undefined {
  const types: readonly string[] = TYPES[arithmetic];
  const peaks = roofline.arithmetic.filter(({ threads, type }) => threads === roofline.threads && types.includes(type));
  const own = peaks.filter((peak) => peak.isa === isa);
  const [best] = (own.length > 0 ? own : peaks).toSorted((a, b) => b.gflops - a.gflops);
  const levels = roofline.read.filter(({ threads }) => threads === roofline.threads).toSorted((a, b) => a.bytes_per_thread - b.bytes_per_thread);
  const read = levels.find(({ bytes_per_thread, threads }) => bytes_per_thread * threads >= step_weight_bytes) ?? levels.at(-1);
  if (!best || !read) return undefined;
  return { gflops: best.gflops, arithmetic: `${best.isa} ${best.type}`, gbytes: read.gbytes_per_second, level: read.level, barrier_ns: roofline.barrier_ns };
}

/** Of several measurements of one machine the best of each: a disturbed one would make the limit too low. Undefined for none. */
export function bestOf(measured: readonly MachineLimits[]): MachineLimits | undefined {
  const [first] = measured;
  return first && { ...first, gflops: Math.max(...measured.map(({ gflops }) => gflops)), gbytes: Math.max(...measured.map(({ gbytes }) => gbytes)) };
}

/** How much of the best the worst is, arithmetic or memory, whichever differs more. */
export function steadiness(measured: readonly MachineLimits[]): number {
  const of = (values: number[]): number => Math.min(...values) / Math.max(...values);
  return Math.min(of(measured.map(({ gflops }) => gflops)), of(measured.map(({ gbytes }) => gbytes)));
}

/** "avx512 bf16 464 GFLOP/s" */
export function arithmeticText({ arithmetic, gflops }: MachineLimits): string {
  return `${arithmetic} ${gflops.toFixed(0)} ${arithmetic.endsWith('int8') ? 'GOP/s' : 'GFLOP/s'}`;
}

/** "DRAM 33.0 GB/s" */
export function readText({ level, gbytes }: MachineLimits): string {
  return `${level} ${gbytes.toFixed(1)} GB/s`;
}
