// The last files of an engine: tokenizer files beside the weights, then the manifest, which makes the directory an engine.
import { join } from 'node:path';
import { TrtllmError, type EngineManifest } from '@trtllm/protocol';
import { stat } from 'node:fs/promises';
import { readExactly, withInputFile } from './input-file.js';
import { writeSynced } from './output-directory.js';
import type { Checkpoint } from './read-checkpoint.js';

export async function sealEngine(folder: string, manifest: EngineManifest, manifestText: string, tokenizer: Checkpoint['tokenizer']): Promise<void> {
  await checkRankFiles(folder, manifest);
  for (const name of tokenizer.files) await copySynced(tokenizer.directory, name, folder);
  await writeSynced(join(folder, 'config.json'), manifestText);
}

async function checkRankFiles(folder: string, manifest: EngineManifest): Promise<void> {
  for (const { file, bytes } of manifest.trtllm.rank_files) {
    const found = (await stat(join(folder, file))).size;
    if (found !== bytes) throw new TrtllmError('INTERNAL_ERROR', `${file}: the plan says ${bytes} bytes, the packer wrote ${found}`);
  }
}

async function copySynced(directory: string, name: string, folder: string): Promise<void> {
  const bytes = await withInputFile(directory, name, (file) => readExactly(file, 0, file.bytes, 'CHECKPOINT_INVALID'));
  await writeSynced(join(folder, name), bytes);
}
