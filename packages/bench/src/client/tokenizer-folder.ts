// A folder, or a name as Hugging Face has them -> the folder with the files, where it is on this machine: nothing is fetched.
import { existsSync } from 'node:fs';
import { cachedSnapshot } from '../hub-cache.js';

/** undefined: neither a folder nor a model in the cache of Hugging Face's tools. */
export function tokenizerFolder(name: string): string | undefined {
  return existsSync(name) ? name : cachedSnapshot('models', name);
}
