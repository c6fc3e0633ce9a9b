// Latencies by turn: in a conversation prompts grow, and what the server has cached of them decides what a later turn costs.
import type { RequestRecord } from '../client/request-record.js';
import type { Latencies } from '../client/timeline.js';
import { METRICS, type Metric } from '../metrics.js';
import { distributionOf, type Distribution } from '../statistics/distribution.js';

export interface TurnFigures {
  /** From 1. */
  turn: number;
  completed: number;
  failed: number;
  /** Means over completed ones. */
  inputTokens: number;
  outputTokens: number;
  /** Of their prompt tokens, as the server tells. */
  cachedShare: number;
  /** ms; those that timed out are not among them. */
  latencies: Record<Metric, Distribution | undefined>;
}

type Measured = RequestRecord & { latencies: Latencies };

/** Undefined where no conversation went beyond its first turn. */
export function turnFigures(records: readonly RequestRecord[], completed: readonly Measured[], percents: readonly number[]): TurnFigures[] | undefined {
  const numTurns = records.reduce((most, { turn }) => Math.max(most, (turn ?? -1) + 1), 0);
  if (numTurns < 2) return undefined;
  return Array.from({ length: numTurns }, (_, turn) => {
    const isOfTurn = (record: RequestRecord): boolean => record.turn === turn;
    const failed = records.filter((record) => isOfTurn(record) && record.outcome !== 'ok' && record.outcome !== 'cancelled').length;
    return { turn: turn + 1, failed, ...figuresOf(completed.filter(isOfTurn), percents) };
  });
}

function figuresOf(requests: readonly Measured[], percents: readonly number[]): Omit<TurnFigures, 'turn' | 'failed'> {
  const sum = (value: (request: Measured) => number): number => requests.reduce((total, request) => total + value(request), 0);
  const inputTokens = sum((request) => request.serverInput ?? request.plannedInput);
  const samples = (metric: Metric): number[] => requests.flatMap(({ latencies }) => latencies[metric] ?? []);
  const latencies = Object.fromEntries(METRICS.map((metric) => [metric, distributionOf(samples(metric), percents)])) as TurnFigures['latencies'];
  const count = requests.length || 1;
  return {
    completed: requests.length,
    inputTokens: inputTokens / count,
    outputTokens: sum((request) => request.outputTokens) / count,
    cachedShare: inputTokens > 0 ? sum((request) => request.cachedInput ?? 0) / inputTokens : 0,
    latencies,
  };
}
