// config.json of an engine directory: what the runtime needs of it, checked. The worker checks the rest against its own file.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ENGINE_FORMAT_VERSION, TrtllmError } from '@trtllm/protocol';
import { z } from 'zod';

const manifestSlice = z.object({
  trtllm: z.object({
    format_version: z.int(),
    model_name: z.string(),
    eos_token_ids: z.array(z.int().min(0)),
    bos_token_id: z.int().min(0).nullable(),
  }),
});

export type ManifestSlice = z.infer<typeof manifestSlice>;

export async function readManifest(directory: string): Promise<ManifestSlice> {
  const path = join(directory, 'config.json');
  const json = await readJson(directory, path);
  if (typeof json !== 'object' || json === null || !('trtllm' in json))
    throw new TrtllmError('ENGINE_NOT_FOUND', `${directory} is no engine (its config.json has no "trtllm" section); run "trtllm build" first`);
  const version = (json as { trtllm?: { format_version?: unknown } }).trtllm?.format_version;
  if (version !== ENGINE_FORMAT_VERSION)
    throw new TrtllmError(
      'ENGINE_VERSION',
      `${path} has engine format version ${JSON.stringify(version)}, this runtime reads ${ENGINE_FORMAT_VERSION}; rebuild the engine`,
    );
  const result = manifestSlice.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new TrtllmError('ENGINE_INVALID', `${path}: ${issue.path.join('.')}: ${issue.message}; rebuild the engine`);
}

async function readJson(directory: string, path: string): Promise<unknown> {
  if (!(await stat(directory).catch(() => undefined))?.isDirectory())
    throw new TrtllmError('ENGINE_NOT_FOUND', `${directory} is no directory; expected an engine made by "trtllm build"`);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new TrtllmError('ENGINE_NOT_FOUND', `${directory} has no readable config.json: it is no engine`, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TrtllmError('ENGINE_INVALID', `${path} is not JSON; rebuild the engine`, { cause });
  }
}
