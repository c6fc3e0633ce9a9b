// What a directory is: its config.json tells.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TrtllmError } from '@trtllm/protocol';
import { exists, parseJsonObject, readTextFile } from './input-file.js';

export type ModelKind = 'checkpoint' | 'engine';

export async function detectModelKind(directory: string): Promise<ModelKind> {
  const stats = await stat(directory).catch(() => null);
  if (!stats?.isDirectory()) throw new TrtllmError('CHECKPOINT_NOT_FOUND', `${directory}: no such directory; expected a checkpoint or an engine`);
  const path = join(directory, 'config.json');
  if (!(await exists(path))) throw new TrtllmError('CHECKPOINT_NOT_FOUND', `${directory} has no config.json: it is neither a checkpoint nor an engine`);
  const config = parseJsonObject(await readTextFile(directory, 'config.json', 'CONFIG_INVALID'), path, 'CONFIG_INVALID');
  if ('pretrained_config' in config && 'build_config' in config) return engineKind(config, directory);
  if ('architecture' in config && 'dtype' in config)
    throw new TrtllmError('CHECKPOINT_INVALID', `${directory} is a checkpoint in TensorRT-LLM's own layout, which is not read; give the Hugging Face checkpoint`);
  return 'checkpoint';
}

/** True for a directory with a manifest of ours, whatever its version. */
export async function isEngineDirectory(directory: string): Promise<boolean> {
  return detectModelKind(directory).then((kind) => kind === 'engine', () => false);
}

function engineKind(config: Record<string, unknown>, directory: string): ModelKind {
  if ('trtllm' in config) return 'engine';
  throw new TrtllmError('ENGINE_INVALID', `${directory} is an engine of NVIDIA TensorRT-LLM, compiled for its GPU; build one from the checkpoint with \`trtllm build\``);
}
