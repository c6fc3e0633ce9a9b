// A recorded data set's name and split -> its files: one file, a folder laid out as on the Hugging Face hub, or a set that the hub's tools
// have put into their cache on this machine. Nothing is fetched.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { TrtllmError } from '@trtllm/protocol';
import { cachedSnapshot } from '../hub-cache.js';

export interface SetName {
  name: string;
  /** Of sets that have several. */
  config?: string | undefined;
  /** train, test...: may be left out where `name` is a file. */
  split?: string | undefined;
}

const ENDING = /\.(parquet|(jsonl?|csv)(\.gz)?)$/;

/** In order of their names. */
export function splitFiles({ name, config, split }: SetName): string[] {
  const folder = existsSync(name) ? name : cachedSnapshot('datasets', name);
  if (folder === undefined) {
    throw new TrtllmError('BAD_FLAG', `--dataset-name ${name}: neither a file, nor a folder, nor in the cache of Hugging Face's tools (hf download --repo-type dataset ${name} brings it there); nothing is fetched here`);
  }
  if (statSync(folder).isFile()) return [checkedFile(name)];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => ENDING.test(file) && !file.split(sep).some((part) => part.startsWith('.')));
  const words = files.map((file) => ({ file, words: wordsOf(file) }));
  if (split === undefined) throw new TrtllmError('BAD_FLAG', `--dataset-split: needed for the folder ${folder}, which has ${listed(files)}`);
  const wanted = [split, ...(config === undefined ? [] : [config])];
  const found = words.filter((each) => wanted.every((word) => each.words.has(word))).map(({ file }) => join(folder, file));
  if (found.length > 0) return found.sort();
  throw new TrtllmError('BAD_FLAG', `--dataset-split ${split}${config === undefined ? '' : ` --dataset-config-name ${config}`}: expected files named after them in ${folder}, found ${listed(files)}`);
}

function checkedFile(path: string): string {
  if (ENDING.test(path)) return path;
  throw new TrtllmError('BAD_FLAG', `--dataset-name ${path}: expected a file that ends in .parquet, .json, .jsonl or .csv`);
}

/** Folders, and the parts of the file's name: main/train-00000-of-00001.parquet has main, train and more. */
function wordsOf(file: string): Set<string> {
  const parts = file.split(sep);
  const name = parts.at(-1)!.replace(ENDING, '');
  return new Set([...parts.slice(0, -1), name, ...name.split(/[-.]/)]);
}

function listed(files: readonly string[]): string {
  const shown = files.slice(0, 5).join(', ') || 'no .parquet, .json, .jsonl or .csv';
  return files.length > 5 ? `${shown} and ${files.length - 5} more` : shown;
}
