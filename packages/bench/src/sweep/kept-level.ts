// A level's result file of a sweep that was broken off -> the level, if it is whole and of the same settings.
import { existsSync, readFileSync } from 'node:fs';
import { TrtllmError } from '@trtllm/protocol';
import { z } from 'zod';
import { settleOptions, type BenchInput } from '../bench-options.js';
import { configJson, loadJson } from '../report/config-json.js';
import { METRICS, type Metric } from '../metrics.js';
import type { Distribution } from '../statistics/distribution.js';
import type { Fault } from '../verdict/finding.js';
import { readRuns } from '../views/read-runs.js';
import type { LevelResult } from './level-result.js';

const refused = z.number().nullable().transform((value) => value ?? Number.NaN);
const percentile = z.object({ p: z.number(), value: refused, needs: z.number(), isSupported: z.boolean(), isCensored: z.boolean() });
const distribution = z.object({ n: z.number(), mean: z.number(), median: z.number(), std: z.number(), min: z.number(), max: z.number(), percentiles: z.array(percentile) });
const finding = z.object({ fault: z.string().transform((fault) => fault as Fault), evidence: z.string(), mend: z.string() });

const resultFile = z.looseObject({
  num_prompts: z.number(),
  completed: z.number(),
  failed: z.number(),
  request_throughput: z.number(),
  request_goodput: z.number().nullable(),
  output_throughput: z.number(),
  total_token_throughput: z.number(),
  max_concurrent_requests: z.number(),
  trtllm: z.looseObject({
    interrupted: z.boolean(),
    stopped: z.unknown(),
    config: z.record(z.string(), z.unknown()),
    latencies_ms: z.record(z.string(), distribution.nullable()),
    verdict: z.object({ believable: z.boolean(), findings: z.array(finding) }),
    notes: z.array(z.object({ code: z.string(), text: z.string() })),
  }),
});
type ResultFile = z.output<typeof resultFile>;

/** Undefined: there is none, or it did not come to its end. Throws BAD_FLAG for one of other settings, or no result at all. */
export function keptLevel(path: string, level: number, input: BenchInput): LevelResult | undefined {
  if (!existsSync(path)) return undefined;
  const json = parsed(path);
  const { success, data: file } = resultFile.safeParse(json);
  if (!success) throw new TrtllmError('BAD_FLAG', `--resume: ${path} is no result of trtllm bench`);
  refuseOthers(path, file, input);
  if (file.trtllm.interrupted || file.trtllm.stopped !== null || file.failed > 0 || file.completed < file.num_prompts) return undefined;
  const [run] = readRuns([path]);
  return { level, report: reportOf(file, input.forcePercentiles ?? false), kept: { path, json, requests: run?.requests } };
}

function parsed(path: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  } catch (cause) {
    throw new TrtllmError('BAD_FLAG', `--resume: ${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** What a file does not tell is taken as the same. */
function refuseOthers(path: string, file: ResultFile, input: BenchInput): void {
  const options = settleOptions(input);
  const wanted: Record<string, unknown> = { ...configJson(options), ...loadJson(options), ...(Number.isFinite(options.numPrompts) && { num_prompts: options.numPrompts }), ...(options.model !== undefined && { model_id: options.model }) };
  const told: Record<string, unknown> = { ...file, ...file.trtllm.config };
  for (const [name, value] of Object.entries(wanted)) {
    const [now, then] = [JSON.stringify(value), JSON.stringify(told[name])];
    if (then !== undefined && now !== then) throw new TrtllmError('BAD_FLAG', `--resume: ${path} has ${name} ${then}, this run ${now}; give the same flags, or another --result-filename`);
  }
}

function reportOf(file: ResultFile, forcePercentiles: boolean): LevelResult['report'] {
  return {
    completed: file.completed,
    failed: file.failed,
    requestThroughput: file.request_throughput,
    outputThroughput: file.output_throughput,
    totalThroughput: file.total_token_throughput,
    goodput: file.request_goodput ?? undefined,
    peakConcurrency: file.max_concurrent_requests,
    notes: file.trtllm.notes,
    verdict: file.trtllm.verdict,
    latencies: Object.fromEntries(METRICS.map((metric) => [metric, file.trtllm.latencies_ms[metric] ?? undefined])) as Record<Metric, Distribution | undefined>,
    options: { forcePercentiles },
  };
}
