// trtllm bench ab: blocks of requests to two servers by turns. A block is a whole run of the bench; its seed is the pair's, so that both
// servers get the same texts and nobody finds them in a cache.
import { TrtllmError } from '@trtllm/protocol';
import seedrandom from 'seedrandom';
import type { BenchInput } from '../bench-options.js';
import type { BenchReport } from '../report/bench-report.js';
import { runBenchmark } from '../run-benchmark.js';
import { isThroughput, type AbMetric } from './compared-metrics.js';
import { compareTwice, type ConfirmHooks } from './confirm.js';
import { compareInTurns, type AbResult, type Side } from './interleave.js';
import type { SequentialOptions } from './sequential-test.js';

export interface AbInput {
  /** Base URLs: baseline and candidate. */
  urls: Record<Side, string>;
  metric: AbMetric;
  sequential: SequentialOptions;
  /** A regression has to be found twice. */
  confirm?: boolean | undefined;
  /** One block. */
  block: BenchInput;
}

export type CompareHooks = Pick<ConfirmHooks, 'onPair' | 'onConfirm'> & { signal?: AbortSignal | undefined; onBlock?: (side: Side, pair: number) => void };

const WARM_UP = -1;

/** Throws BENCH_FAILED_REQUESTS if a block had any, for then its figures are of something else. */
export async function compareServers({ urls, metric, sequential, confirm, block }: AbInput, { signal, onBlock, onPair, onConfirm }: CompareHooks = {}): Promise<AbResult> {
  const seed = block.seed ?? 0;
  const measure = async (side: Side, pair: number): Promise<number> => {
    signal?.throwIfAborted();
    onBlock?.(side, pair);
    const report = await runBenchmark({ ...block, baseUrl: urls[side], seed: seed + pair + 1 }, { signal });
    signal?.throwIfAborted();
    return figureOf(report, metric, side);
  };
  for (const side of ['a', 'b'] as const) await measure(side, WARM_UP);
  const lowerIsBetter = !isThroughput(metric);
  const compare = confirm ? compareTwice : compareInTurns;
  return compare(sequential, lowerIsBetter, { measure, random: seedrandom(`order ${seed}`), onPair, onConfirm });
}

function figureOf(report: BenchReport, metric: AbMetric, side: Side): number {
  if (report.failed > 0) throw new TrtllmError('BENCH_FAILED_REQUESTS', `server ${side}: ${report.failed} of ${report.completed + report.failed} requests failed: ${report.failures[0]?.reason ?? 'no reason'}`);
  const value = metric === 'output_throughput' ? report.outputThroughput : metric === 'request_throughput' ? report.requestThroughput : report.latencies[metric]?.median;
  if (value === undefined || !(value > 0)) throw new TrtllmError('BAD_FLAG', `--metric ${metric}: server ${side} gave no such figure; is streaming on, and the output longer than a token?`);
  return value;
}
