// The file of a sweep: every level as its own file has it (`points`, which trtllm bench report reads), and what only all of them show.
import { reportJson } from '../report/report-json.js';
import type { LevelResult } from './level-result.js';
import type { Sweep } from './run-sweep.js';

export function sweepJson({ over, levels, again, drift, knee }: Sweep): Record<string, unknown> {
  return { sweep: over, knee: knee ?? null, drift: drift ?? null, points: levels.map(levelJson), again: again ? levelJson(again) : null };
}

function levelJson({ level, ...result }: LevelResult): Record<string, unknown> {
  return { level: level === Infinity ? 'inf' : level, ...(result.kept ? result.kept.json : reportJson(result.report)) };
}
