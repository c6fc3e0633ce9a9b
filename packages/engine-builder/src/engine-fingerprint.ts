// Key of an engine in the serve cache: equal exactly when a build would give the same directory.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildOptions } from './build-options.js';
import { modelName, readForPlan } from './build-engine.js';
import { sourceDigest } from './engine-manifest.js';
import { sha256 } from './json-document.js';

/** Hex SHA-256. Weights and tokenizer files count by size and time of change, not by content: a 16 GB read would cost more than it saves. */
export async function engineFingerprint(options: BuildOptions): Promise<string> {
  const { resolved, checkpoint } = await readForPlan(options);
  const { directory, files } = checkpoint.tokenizer;
  const stamps = await Promise.all(
    files.map(async (name) => {
      const { size, mtimeMs } = await stat(join(directory, name));
      return { name, size, mtimeMs };
    }),
  );
  const shards = checkpoint.shards.map(({ name, mtimeMs }) => ({ name, mtimeMs }));
  return sha256(sourceDigest(checkpoint, resolved), JSON.stringify({ name: modelName(options, checkpoint), shards, stamps }));
}
