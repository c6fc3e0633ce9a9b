// One result file of a serving benchmark -> what a gate decides by. Keys are those of vLLM's and TensorRT-LLM's files and of our own.
import { TrtllmError } from '@trtllm/protocol';
import { z } from 'zod';
import { AB_METRICS, isThroughput, type AbMetric } from './compared-metrics.js';

export interface StoredRun {
  /** For messages: the file. */
  name: string;
  completed: number;
  failed: number;
  interrupted: boolean;
  /** What should be the same in two runs that are compared. */
  settings: Readonly<Record<string, string>>;
  /** A throughput, or a median in ms. */
  figures: Readonly<Partial<Record<AbMetric, number>>>;
  /** Completed requests in the order of the file; empty without --save-detailed. */
  requests: readonly StoredRequest[];
}

/** Times in ms. */
export interface StoredRequest {
  /** On the clock of the run; undefined where the file does not tell. */
  start: number | undefined;
  ttft: number;
  e2el: number;
  /** Between reads. */
  gaps: readonly number[];
  outputTokens: number;
}

const numbers = z.array(z.number()).optional();
const resultFile = z.looseObject({
  completed: z.number().optional(),
  failed: z.number().optional(),
  num_prompts: z.number().optional(),
  output_lens: numbers,
  ttfts: numbers,
  itls: z.array(z.array(z.number())).optional(),
  e2els: numbers,
  latencies: numbers,
  start_times: numbers,
  errors: z.array(z.string()).optional(),
  trtllm: z.looseObject({ interrupted: z.boolean().optional(), config: z.record(z.string(), z.unknown()).optional(), machine: z.record(z.string(), z.unknown()).optional() }).optional(),
});
type ResultFile = z.infer<typeof resultFile>;

const SETTINGS = ['model_id', 'backend', 'num_prompts', 'request_rate', 'burstiness', 'max_concurrency'];
/** Another seed is another draw of the same; another address may be the same server. */
const NO_SETTING = new Set(['seed', 'base_url']);

/** `json`: parsed; throws BAD_FLAG for something else than a result file. */
export function storedRun(name: string, json: unknown): StoredRun {
  const parsed = resultFile.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new TrtllmError('BAD_FLAG', `${name}: expected a result file of a serving benchmark: ${issue?.path.join('.') || 'top'}: ${issue?.message}`);
  }
  const file = parsed.data;
  const completed = file.completed ?? 0;
  const figures = figuresOf(file);
  if (Object.keys(figures).length === 0) throw new TrtllmError('BAD_FLAG', `${name}: expected a result of trtllm bench, benchmark_serving or vllm bench serve, found no figure of one`);
  return {
    name,
    completed,
    failed: file.failed ?? Math.max(0, (file.num_prompts ?? completed) - completed),
    interrupted: file.trtllm?.interrupted ?? false,
    settings: settingsOf(file),
    figures,
    requests: requestsOf(file),
  };
}

function figuresOf(file: ResultFile): StoredRun['figures'] {
  const figures: Partial<Record<AbMetric, number>> = {};
  for (const metric of AB_METRICS) {
    const value = file[isThroughput(metric) ? metric : `median_${metric}_ms`];
    if (typeof value === 'number' && value > 0) figures[metric] = value;
  }
  return figures;
}

function settingsOf(file: ResultFile): Record<string, string> {
  const settings = SETTINGS.filter((key) => key in file).map((key) => [key, file[key]]);
  const config = Object.entries(file.trtllm?.config ?? {}).filter(([key]) => !NO_SETTING.has(key));
  const machine = Object.entries(file.trtllm?.machine ?? {}).map(([key, value]) => [`machine ${key}`, value]);
  return Object.fromEntries([...settings, ...config, ...machine].map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]));
}

/** Without e2els an answer ends with its last gap, as vLLM has it. */
function requestsOf(file: ResultFile): StoredRequest[] {
  const { output_lens: lengths, ttfts, itls, start_times: starts, errors } = file;
  if (lengths === undefined || ttfts === undefined) return [];
  const e2els = file.e2els ?? file.latencies;
  return lengths.flatMap((outputTokens, i) => {
    const ttft = 1000 * (ttfts[i] ?? 0);
    const gaps = (itls?.[i] ?? []).map((gap) => 1000 * gap);
    const e2el = e2els ? 1000 * (e2els[i] ?? 0) : ttft + gaps.reduce((sum, gap) => sum + gap, 0);
    const start = starts?.[i];
    if ((errors?.[i] ?? '') !== '' || outputTokens < 1 || e2el <= 0) return [];
    return [{ start: start === undefined ? undefined : 1000 * start, ttft, e2el, gaps, outputTokens }];
  });
}
