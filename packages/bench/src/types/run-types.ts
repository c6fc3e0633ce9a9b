// Types one after the other, point by point: each point a whole run with texts of its own, so that none finds another's in a cache.
import type { BenchInput } from '../bench-options.js';
import type { BenchReport } from '../report/bench-report.js';
import { runBenchmark, type BenchHooks } from '../run-benchmark.js';
import { MOST_LIGHT_CONCURRENCY, pointsOf, type BenchmarkType, type TypePoint } from './benchmark-types.js';

export interface PointResult {
  type: BenchmarkType;
  label: string;
  report: BenchReport;
  /** The rate was too high for this server, so requests went one at a time. */
  wentOneByOne: boolean;
}

export interface TypeHooks extends BenchHooks {
  onPoint?: ((type: BenchmarkType, label: string, isAgain: boolean) => void) | undefined;
  onResult?: ((result: PointResult) => void) | undefined;
}

/** What the caller gives beside the types: the server, the tokenizer, where to save; `numPrompts` and `seed` where they are set. */
export async function runTypes(types: readonly BenchmarkType[], given: BenchInput, hooks: TypeHooks = {}): Promise<PointResult[]> {
  const results: PointResult[] = [];
  for (const type of types) {
    for (const point of pointsOf(type)) {
      if (hooks.signal?.aborted) return results;
      const result = await runPoint(type, point, given, hooks);
      results.push(result);
      hooks.onResult?.(result);
    }
  }
  return results;
}

async function runPoint(type: BenchmarkType, point: TypePoint, given: BenchInput, hooks: TypeHooks): Promise<PointResult> {
  const input = inputOf(type, point, given);
  hooks.onPoint?.(type, point.label, false);
  const report = await runBenchmark(input, hooks);
  const isTooFast = point.isLight && report.meanConcurrency > MOST_LIGHT_CONCURRENCY && !report.interrupted;
  if (!isTooFast) return { type, label: point.label, report, wentOneByOne: false };
  hooks.onPoint?.(type, point.label, true);
  const alone = await runBenchmark({ ...input, requestRate: Infinity, maxConcurrency: 1, salt: `${input.salt}/alone` }, hooks);
  return { type, label: point.label, report: alone, wentOneByOne: true };
}

function inputOf(type: BenchmarkType, { label, input }: TypePoint, given: BenchInput): BenchInput {
  return {
    ...given,
    ...input,
    numPrompts: given.numPrompts ?? input.numPrompts,
    ignoreEos: given.ignoreEos || type !== 'sharegpt',
    salt: `${given.salt ?? ''}/${type}/${label}`,
    save: given.save && { ...given.save, filename: `${type}_${label}.json`, metadata: { ...given.save.metadata, type, point: label } },
  };
}
