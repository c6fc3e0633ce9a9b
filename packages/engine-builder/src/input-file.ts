// The one door for files of a checkpoint: plain names, regular files, no link out of the folder, bounded sizes.
import { constants } from 'node:fs';
import { access, open, realpath, type FileHandle } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { TrtllmError, type ErrorCode } from '@trtllm/protocol';

/** JSON files beside the weights; the largest real ones (tokenizer.json) are some 20 MB. */
export const MAX_JSON_BYTES = 256 * 1024 * 1024;

export interface InputFile {
  handle: FileHandle;
  path: string;
  bytes: number;
  mtimeMs: number;
}

/** Runs `use` on an opened regular file of the folder and closes it. */
export async function withInputFile<T>(directory: string, name: string, use: (file: InputFile) => Promise<T>): Promise<T> {
  const path = join(directory, name);
  checkPlainName(name, directory);
  await checkStaysInside(directory, path);
  // Without O_NONBLOCK a named pipe would be waited for.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause) => {
    throw new TrtllmError('CHECKPOINT_INVALID', `${path} cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new TrtllmError('CHECKPOINT_INVALID', `${path} is not a regular file`);
    return await use({ handle, path, bytes: stats.size, mtimeMs: stats.mtimeMs });
  } finally {
    await handle.close();
  }
}

/** Exactly `length` bytes from `offset`; a file that ends earlier is refused. */
export async function readExactly(file: InputFile, offset: number, length: number, code: ErrorCode): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.handle.read(buffer, done, length - done, offset + done);
    if (bytesRead === 0)
      throw new TrtllmError(code, `${file.path} is truncated: ${length} bytes expected at offset ${offset}, found ${done}; copy the file again`);
    done += bytesRead;
  }
  return buffer;
}

/** A whole text file in UTF-8. */
export async function readTextFile(directory: string, name: string, code: ErrorCode): Promise<string> {
  return withInputFile(directory, name, async (file) => {
    if (file.bytes > MAX_JSON_BYTES)
      throw new TrtllmError(code, `${file.path} has ${file.bytes} bytes, more than the ${MAX_JSON_BYTES} that a ${name} may have`);
    const bytes = await readExactly(file, 0, file.bytes, code);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch (cause) {
      throw new TrtllmError(code, `${file.path} is not text in UTF-8`, { cause });
    }
  });
}

export async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(() => true, () => false);
}

export function parseJsonObject(text: string, path: string, code: ErrorCode): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TrtllmError(code, `${path} is not valid JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TrtllmError(code, `${path}: expected a JSON object`);
  return value as Record<string, unknown>;
}

function checkPlainName(name: string, directory: string): void {
  if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(name))
    throw new TrtllmError('CHECKPOINT_INVALID', `${directory}: ${JSON.stringify(name)} is not a plain file name (letters, digits, ".", "_", "-")`);
}

/** Links are followed inside the folder, and from a snapshot of the HF hub cache to the blobs beside it. */
async function checkStaysInside(directory: string, path: string): Promise<void> {
  const target = await realpath(path).catch((cause) => {
    throw new TrtllmError('CHECKPOINT_INVALID', `${path} is missing or a broken link`, { cause });
  });
  const folder = await realpath(directory);
  const hubBlobs = join(dirname(dirname(folder)), 'blobs');
  if (!target.startsWith(folder + sep) && !target.startsWith(hubBlobs + sep))
    throw new TrtllmError('CHECKPOINT_INVALID', `${path} is a link out of its folder, to ${target}; put the file itself there`);
}
