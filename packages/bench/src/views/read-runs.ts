// Result files -> runs. A file holds one run, or a line for each (--append-result), or the points of `trtllm bench --type --json`;
// beside it may lie the requests (.requests.jsonl).
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { TrtllmError } from '@trtllm/protocol';
import { requestsOfArrays, requestsOfLines } from './request-view.js';
import { runView, type RunNames, type RunView } from './run-view.js';

/** Files of several directories are taken as several systems, each a line of its own in the charts. */
export function readRuns(paths: readonly string[]): RunView[] {
  const directories = new Set(paths.map((path) => dirname(resolve(path))));
  return paths.flatMap((path) => (directories.size === 1 ? runsOfFile(path) : runsOfFile(path, basename(dirname(resolve(path))))));
}

function runsOfFile(path: string, series?: string): RunView[] {
  const name = `${series === undefined ? '' : `${series}/`}${basename(path).replace(/\.jsonl?$/, '')}`;
  const results = parseResults(path, readText(path));
  const requestsPath = `${path.replace(/\.json$/, '')}.requests.jsonl`;
  const beside = results.length === 1 && existsSync(requestsPath) ? requestsOfLines(readText(requestsPath)) : undefined;
  return results.map((result, i) => {
    const names: RunNames = { label: results.length === 1 ? name : `${name}:${i + 1}`, series, ...namesIn(result) };
    return runView(result, names, path, beside ?? requestsOfArrays(result));
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TrtllmError('BAD_FLAG', `cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

function parseResults(path: string, text: string): unknown[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const isOneALine = lines.length > 1 && lines.every((line) => line.startsWith('{') && line.endsWith('}'));
  try {
    if (isOneALine) return lines.map((line): unknown => JSON.parse(line));
    const json: unknown = JSON.parse(text);
    const points = (json as { points?: unknown } | null)?.points;
    return Array.isArray(points) ? points : [json];
  } catch (cause) {
    throw new TrtllmError('BAD_FLAG', `${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** `--type` leaves its names in each point, and in the file of each. */
function namesIn(result: unknown): Partial<RunNames> {
  const { type, label, point = label } = (result ?? {}) as { type?: unknown; label?: unknown; point?: unknown };
  return typeof type === 'string' && typeof point === 'string' ? { group: type, label: point } : {};
}
