// Two stored results side by side. The keys are those of vLLM's and TensorRT-LLM's result files, so that theirs can be compared too. What a
// machine did differently between the two runs is in every difference: `trtllm bench ab` measures both at once.
import { TrtllmError } from '@trtllm/protocol';
import { z } from 'zod';
import { table } from '../report/plain-table.js';

export interface ComparedFigure {
  name: string;
  a: number;
  b: number;
  /** Share by which b is larger: 0.1 is 10 % more. */
  change: number;
  isBetter: boolean;
  /** Whether the 95 % intervals of both are apart; undefined where a file has none. */
  isApart?: boolean | undefined;
}

export interface Comparison {
  figures: ComparedFigure[];
  /** What was not the same in both runs, and makes differences mean something else. */
  differences: string[];
}

const pair = z.tuple([z.number(), z.number()]).nullable();
const resultFile = z.looseObject({ trtllm: z.looseObject({ intervals_95_ms: z.record(z.string(), z.record(z.string(), pair)).nullish(), plan_hash: z.string().optional() }).optional() });
type ResultFile = z.infer<typeof resultFile>;

const THROUGHPUTS = ['request_throughput', 'output_throughput', 'total_token_throughput', 'request_goodput'];
const LATENCY = /^(?:mean|median|p[\d.]+)_(?:ttft|tpot|itl|e2el)_ms$/;
const SETTINGS = ['model_id', 'backend', 'num_prompts', 'request_rate', 'burstiness', 'max_concurrency'];

/** `a` and `b`: parsed result files; throws BAD_FLAG for something else. */
export function compareResults(a: unknown, b: unknown): Comparison {
  const [first, second] = [checked(a, 'a'), checked(b, 'b')];
  const names = [...THROUGHPUTS, ...Object.keys(first).filter((key) => LATENCY.test(key))];
  const figures = names.flatMap((name) => {
    const [before, after] = [first[name], second[name]];
    return typeof before === 'number' && typeof after === 'number' && before > 0 ? [compared(name, before, after, first, second)] : [];
  });
  if (figures.length === 0) throw new TrtllmError('BAD_FLAG', 'the two files have no figure in common; expected results of trtllm bench, benchmark_serving or vllm bench serve');
  const settings = SETTINGS.filter((key) => key in first && key in second && first[key] !== second[key]).map((key) => `${key}: ${String(first[key])} and ${String(second[key])}`);
  const plans = [first.trtllm?.plan_hash, second.trtllm?.plan_hash];
  return { figures, differences: plans[0] && plans[1] && plans[0] !== plans[1] ? [...settings, 'prompts and lengths (plan_hash)'] : settings };
}

export function formatComparison({ figures, differences }: Comparison): string {
  const rows = figures.map(({ name, a, b, change, isBetter, isApart }) => [
    name,
    a.toFixed(2),
    b.toFixed(2),
    `${change >= 0 ? '+' : ''}${(100 * change).toFixed(2)} %`,
    change === 0 ? 'same' : isBetter ? 'better' : 'worse',
    isApart === undefined ? '-' : isApart ? 'apart' : 'overlap',
  ]);
  const text = table(['figure', 'a', 'b', 'change', 'b is', '95 % intervals'], rows);
  return differences.length === 0 ? text : `${text}\nNot the same in both runs: ${differences.join('; ')}`;
}

function checked(json: unknown, side: string): ResultFile {
  const parsed = resultFile.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new TrtllmError('BAD_FLAG', `file ${side}: expected a result file of a serving benchmark: ${parsed.error.issues[0]?.path.join('.') || 'top'}: ${parsed.error.issues[0]?.message}`);
}

function compared(name: string, a: number, b: number, first: ResultFile, second: ResultFile): ComparedFigure {
  const isBetter = LATENCY.test(name) ? b < a : b > a;
  return { name, a, b, change: b / a - 1, isBetter, isApart: areApart(intervalOf(first, name), intervalOf(second, name)) };
}

/** `p99_ttft_ms` has it under `ttft`, `p99`; the median is p50. */
function intervalOf({ trtllm }: ResultFile, name: string): [number, number] | undefined {
  const [percentile, metric] = name.replace(/^median/, 'p50').split('_');
  return trtllm?.intervals_95_ms?.[metric!]?.[percentile!] ?? undefined;
}

function areApart(a: [number, number] | undefined, b: [number, number] | undefined): boolean | undefined {
  return a && b && (a[1] < b[0] || b[1] < a[0]);
}
