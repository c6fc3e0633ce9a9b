// Report files: what a name ends in decides what is written.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { TrtllmError } from '@trtllm/protocol';
import type { ReportContent } from './content.js';
import { csv } from './csv.js';
import { html } from './html/page.js';
import { junit } from './junit.js';
import { markdown } from './markdown.js';

type Writer = (content: ReportContent) => string;

const WRITERS: Record<string, Writer> = {
  html,
  md: markdown,
  csv: (content) => csv(content.csv),
  xml: junit,
};
const ENDINGS = Object.keys(WRITERS).map((ending) => `.${ending}`);

export interface ReportFile {
  path: string;
  write: Writer;
}

/** Before a run, so that a wrong name does not cost one; throws BAD_FLAG in the name of `flag`. */
export function reportFiles(paths: readonly string[], flag: string): ReportFile[] {
  return paths.map((path) => {
    const write = WRITERS[/\.([a-z]+)$/.exec(path)?.[1] ?? ''];
    if (write) return { path, write };
    throw new TrtllmError('BAD_FLAG', `${flag} ${path}: expected a name that ends in ${ENDINGS.join(', ')}`);
  });
}

/** Each file is whole or absent. */
export function writeReports(files: readonly ReportFile[], content: ReportContent): void {
  for (const { path, write } of files) {
    const temporary = `${path}.tmp`;
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(temporary, write(content));
      renameSync(temporary, path);
    } catch (cause) {
      rmSync(temporary, { force: true });
      const isFull = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
      throw new TrtllmError(isFull ? 'DISK_FULL' : 'IO_ERROR', `${path}: ${(cause as Error).message}`, { cause });
    }
  }
}
