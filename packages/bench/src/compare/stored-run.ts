// One stored run -> what a gate decides by.
import { z } from 'zod';
import type { RequestView } from '../views/request-view.js';
import type { RunView } from '../views/run-view.js';
import type { Metric } from '../metrics.js';
import { AB_METRICS, type AbMetric } from './compared-metrics.js';

export interface StoredRun {
  /** For messages: its file. */
  name: string;
  completed: number;
  failed: number;
  interrupted: boolean;
  /** What its own verdict found. */
  findings: readonly string[];
  /** What should be the same in two runs that are compared. */
  settings: Readonly<Record<string, string>>;
  /** A throughput, or a median in ms. */
  figures: Readonly<Partial<Record<AbMetric, number>>>;
  /** Completed ones; empty where no file has them. */
  requests: readonly RequestView[];
}

const SETTINGS = ['model_id', 'backend', 'num_prompts', 'request_rate', 'burstiness', 'max_concurrency'];
/** Another seed is another draw of the same; another address may be the same server. */
const NO_SETTING = new Set(['seed', 'salt', 'base_url', 'dataset_path', 'force_percentiles']);

export function storedRun({ label, file, latencies, requests }: Pick<RunView, 'label' | 'file' | 'latencies' | 'requests'>): StoredRun {
  const medianOf = (metric: Metric): number | null | undefined => latencies[metric]?.percentiles.find(({ p, isCensored }) => p === 50 && !isCensored)?.value;
  const figures = AB_METRICS.map((metric) => [metric, metric === 'output_throughput' || metric === 'request_throughput' ? file[metric] : medianOf(metric)] as const);
  return {
    name: label,
    completed: file.completed,
    failed: file.failed ?? Math.max(0, file.num_prompts - file.completed),
    interrupted: file.trtllm?.['interrupted'] === true,
    findings: findingsOf(file.trtllm?.['verdict']),
    settings: settingsOf(file),
    figures: Object.fromEntries(figures.filter(([, value]) => typeof value === 'number' && value > 0)),
    requests: (requests ?? []).filter(({ isOk }) => isOk),
  };
}

function settingsOf(file: RunView['file']): Record<string, string> {
  const settings = SETTINGS.filter((key) => key in file).map((key) => [key, file[key]]);
  const config = Object.entries(file.trtllm?.config ?? {}).filter(([key]) => !NO_SETTING.has(key));
  const machine = Object.entries(file.trtllm?.['machine'] ?? {}).map(([key, value]) => [`machine ${key}`, value]);
  return Object.fromEntries([...settings, ...config, ...machine].map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]));
}

const verdict = z.object({ findings: z.array(z.object({ fault: z.string(), evidence: z.string() })) });

function findingsOf(json: unknown): string[] {
  const parsed = verdict.safeParse(json);
  return parsed.success ? parsed.data.findings.map(({ fault, evidence }) => `${fault} (${evidence})`) : [];
}
