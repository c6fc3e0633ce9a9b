// Files of several runs that belong together: one for each, named after the series and the run, and one with all of them.
import { join } from 'node:path';
import type { SaveOptions } from '../bench-options.js';
import { dateStamp } from '../report/report-json.js';
import { writeJson } from '../report/save-result.js';

export interface Series {
  dir: string;
  /** Without `.json`. */
  stem: string;
}

/** `--result-filename` without its ending, or a name made of kind, backend and date; undefined where nothing is saved. */
export function seriesFile(save: SaveOptions | undefined, kind: string, backend: string, startedAt: Date): Series | undefined {
  return save && { dir: save.dir, stem: save.filename?.replace(/\.json$/, '') ?? `${backend}-${kind}-${dateStamp(startedAt)}` };
}

export function levelSave(save: SaveOptions | undefined, series: Series | undefined, name: string): SaveOptions | undefined {
  return save && series && { ...save, filename: levelFile(series, name) };
}

export function levelPath(series: Series, name: string): string {
  return join(series.dir, levelFile(series, name));
}

function levelFile({ stem }: Series, name: string): string {
  return `${stem}-${name}.json`;
}

export function writeSeries(series: Series | undefined, json: unknown): void {
  if (series) writeJson(join(series.dir, `${series.stem}.json`), json);
}
