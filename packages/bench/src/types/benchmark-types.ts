// What `--type` means: each type is a list of points, each a run of the bench. Lengths and loads are those of the usual shell recipes
// around benchmark_serving; the number of requests and everything about the server stay the caller's.
import type { BenchInput } from '../bench-options.js';

export const BENCHMARK_TYPES = ['throughput', 'prefill', 'decode', 'latency', 'concurrency', 'sharegpt'] as const;
export type BenchmarkType = (typeof BENCHMARK_TYPES)[number];

export interface TypePoint {
  /** Within its type; part of the result file's name. */
  label: string;
  input: Partial<BenchInput>;
  /** Means to see requests that do not disturb each other: where the rate turns out too high, they go one at a time. */
  isLight: boolean;
}

const REQUESTS_A_POINT = 100;

const lengths = (inputLen: number, outputLen: number): Partial<BenchInput> => ({ datasetName: 'random', numPrompts: REQUESTS_A_POINT, inputLen, outputLen });
const light = (label: string, requestRate: number, inputLen: number, outputLen: number): TypePoint => ({ label, isLight: true, input: { ...lengths(inputLen, outputLen), requestRate } });
const loaded = (label: string, input: Partial<BenchInput>): TypePoint => ({ label, isLight: false, input });

const POINTS: Record<BenchmarkType, TypePoint[]> = {
  throughput: [loaded('512-256', lengths(512, 256))],
  prefill: [128, 512, 2048, 4096].map((length) => light(`in-${length}`, 4, length, 1)),
  decode: [128, 256, 512, 1024].map((length) => light(`out-${length}`, 4, 128, length)),
  latency: [light('128-128', 1, 128, 128), light('512-256', 1, 512, 256), light('4096-512', 1, 4096, 512)],
  concurrency: [1, 4, 16, 64, 256].map((level) => loaded(`c-${level}`, { ...lengths(512, 256), numPrompts: Math.max(REQUESTS_A_POINT, 5 * level), maxConcurrency: level })),
  sharegpt: [loaded('all-at-once', { datasetName: 'sharegpt', numPrompts: REQUESTS_A_POINT }), loaded('4-per-second', { datasetName: 'sharegpt', numPrompts: REQUESTS_A_POINT, requestRate: 4 })],
};

/** Above it, requests met others: the rate was not light for this server. */
export const MOST_LIGHT_CONCURRENCY = 1.5;

export function pointsOf(type: BenchmarkType): readonly TypePoint[] {
  return POINTS[type];
}
