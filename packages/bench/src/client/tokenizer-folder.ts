// A folder, or a name as Hugging Face has them -> the folder with the files, where it is on this machine: nothing is fetched.
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** undefined: neither a folder nor a model in the cache of Hugging Face's tools. */
export function tokenizerFolder(name: string): string | undefined {
  return existsSync(name) ? name : cachedSnapshot(name);
}

/** models--ORG--NAME/refs/main holds the name of a folder in snapshots/. */
function cachedSnapshot(name: string): string | undefined {
  const { HF_HUB_CACHE, HF_HOME } = process.env;
  const hub = HF_HUB_CACHE ?? join(HF_HOME ?? join(homedir(), '.cache', 'huggingface'), 'hub');
  const model = join(hub, `models--${name.replaceAll('/', '--')}`);
  const head = join(model, 'refs', 'main');
  if (!existsSync(head)) return undefined;
  const snapshot = join(model, 'snapshots', readFileSync(head, 'utf8').trim());
  return existsSync(snapshot) ? snapshot : undefined;
}
