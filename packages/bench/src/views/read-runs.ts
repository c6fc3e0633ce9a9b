// Result files -> runs. A file holds one run, or a line for each (--append-result), or the points of `trtllm bench --type --json`;
// beside it may lie the requests (.requests.jsonl).
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { TrtllmError } from '@trtllm/protocol';
import { documentsIn } from '../report/result-documents.js';
import { requestsOfArrays, requestsOfLines, type RequestView } from './request-view.js';
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
  const lines = existsSync(requestsPath) ? readText(requestsPath) : undefined;
  return results.map((result, i) => {
    const names: RunNames = { label: results.length === 1 ? name : `${labelIn(result) ?? name}:${i + 1}`, series, ...namesIn(result) };
    return runView(result, names, path, besideOf(result, lines, results.length === 1) ?? requestsOfArrays(result));
  });
}

/** The requests of several runs in one file say of which they are. */
function besideOf(result: unknown, lines: string | undefined, isAlone: boolean): RequestView[] | undefined {
  if (lines === undefined) return undefined;
  const run = (result as { trtllm?: { started_at?: unknown } } | null)?.trtllm?.started_at;
  const found = requestsOfLines(lines, typeof run === 'string' ? run : undefined, isAlone);
  return found.length > 0 ? found : undefined;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TrtllmError('BAD_FLAG', `cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

function parseResults(path: string, text: string): unknown[] {
  try {
    const documents = documentsIn(text);
    const points = (documents[0] as { points?: unknown } | null)?.points;
    return documents.length === 1 && Array.isArray(points) ? points : documents;
  } catch (cause) {
    throw new TrtllmError('BAD_FLAG', `${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function labelIn(result: unknown): string | undefined {
  const { label } = (result ?? {}) as { label?: unknown };
  return typeof label === 'string' ? label : undefined;
}

/** `--type` leaves its names in each point, and in the file of each. */
function namesIn(result: unknown): Partial<RunNames> {
  const { type, label, point = label } = (result ?? {}) as { type?: unknown; label?: unknown; point?: unknown };
  return typeof type === 'string' && typeof point === 'string' ? { group: type, label: point } : {};
}
