// A checkpoint given to `trtllm serve` is built once: $TRTLLM_CACHE or ~/.cache/trtllm, keyed by content and options, locked.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { buildEngine, detectModelKind, engineFingerprint, type BuildOptions, type BuildProgress } from '@trtllm/engine-builder';
import { TrtllmError } from '@trtllm/protocol';
import { lock } from 'proper-lockfile';
import { nativeDirectory } from './native-directory.js';

export function cacheDirectory(): string {
  return process.env['TRTLLM_CACHE'] ?? join(homedir(), '.cache', 'trtllm');
}

export interface EngineRequest {
  model: string;
  /** Quantized weights for a checkpoint; an engine has its own already. */
  qformat?: string | undefined;
  announce: (line: string) => void;
  onProgress?: (progress: BuildProgress) => void;
  signal?: AbortSignal;
}

/** An engine directory for an engine (itself) or a checkpoint (built first, or found in the cache). */
export async function engineFor({ model, qformat, announce, onProgress, signal }: EngineRequest): Promise<string> {
  const directory = resolve(model);
  if (!existsSync(directory))
    throw new TrtllmError('CHECKPOINT_NOT_FOUND', `${model}: no such directory; expected a checkpoint or an engine (names of a model hub are not fetched: download the checkpoint first)`);
  if ((await detectModelKind(directory)) === 'engine') {
    if (qformat !== undefined) throw new TrtllmError('BAD_FLAG', `--qformat ${qformat}: ${model} is an engine, whose weights are stored already; give the checkpoint it was built of`);
    return directory;
  }
  const options: BuildOptions = { model: directory, qformat, nativeDirectory: nativeDirectory() };
  const key = (await engineFingerprint(options)).slice(0, 16);
  const engines = join(cacheDirectory(), 'engines');
  await mkdir(engines, { recursive: true });
  const output = join(engines, `${basename(directory)}-${key}`);
  // Another server may be building the same engine: wait for it rather than build twice.
  const release = await lock(output, { realpath: false, stale: 30_000, update: 5_000, retries: { forever: true, minTimeout: 200, maxTimeout: 2_000 } });
  try {
    if (existsSync(join(output, 'config.json'))) {
      announce(`engine of ${model} found in the cache: ${output}`);
      return output;
    }
    announce(`building an engine of ${model} first, into ${output}`);
    await buildEngine({ ...options, output_dir: output, ...(onProgress && { onProgress }), ...(signal && { signal }) });
    return output;
  } finally {
    await release();
  }
}
