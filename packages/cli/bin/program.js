// What every bin runs: the bundle if it was made of the compiled packages and their dependencies as they are now, else those; they take twice as long to start.
import { readFileSync, statSync } from 'node:fs';

const BUNDLE = new URL('../bundle/', import.meta.url);

/** Whether the files that the bundle was made from (tools/bundle.mjs) are as they were; what is not there, as in an installed package, can't differ. */
function isBundleCurrent() {
  try {
    const sources = JSON.parse(readFileSync(new URL('sources.json', BUNDLE), 'utf8'));
    return Object.entries(sources).every(([path, time]) => (statSync(new URL(path, BUNDLE), { throwIfNoEntry: false })?.mtimeMs ?? time) === time);
  } catch {
    return false;
  }
}

export const { run } = await import(isBundleCurrent() ? '../bundle/run.js' : '../dist/run.js');
