// The engine directory appears whole or not at all: written as OUT.tmp-<pid> beside its place, synced, then one rename.
import { mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { TrtllmError } from '@trtllm/protocol';
import { isEngineDirectory } from './model-kind.js';
import { exists } from './input-file.js';

/** Outputs that this process is writing: their temporary folders are not leftovers. */
const inProgress = new Set<string>();

/** Runs `write` on the temporary folder and moves it into place; on any failure nothing of it stays. */
export async function intoPlace<T>(output: string, force: boolean, bytes: number, write: (folder: string) => Promise<T>): Promise<T> {
  const target = resolve(output);
  if (inProgress.has(target)) throw new TrtllmError('OUTPUT_EXISTS', `${output} is being built by this process already`);
  inProgress.add(target);
  try {
    await prepare(target, force, bytes);
    return await writeThenMove(target, write);
  } catch (error) {
    throw explain(error, target, bytes);
  } finally {
    inProgress.delete(target);
  }
}

/** Writes one file to the disc, not only to the page cache. */
export async function writeSynced(path: string, data: string | Uint8Array): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(data);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Refuses a target that may not be replaced. Called before anything long is done, too. */
export async function checkTarget(target: string, force: boolean): Promise<void> {
  if (!(await exists(target))) return;
  const names = await readdir(target).catch(() => null);
  if (names?.length === 0) return;
  if (!names) throw new TrtllmError('OUTPUT_EXISTS', `${target} is a file; give a directory that does not exist yet`);
  if (!(await isEngineDirectory(target)))
    throw new TrtllmError('OUTPUT_EXISTS', `${target} exists and is not an engine; it is left alone, with --force too: give another directory`);
  if (!force) throw new TrtllmError('OUTPUT_EXISTS', `${target} holds an engine already; --force replaces it`);
}

async function prepare(target: string, force: boolean, bytes: number): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await checkTarget(target, force);
  await removeLeftovers(target);
  await checkSpace(dirname(target), bytes);
}

async function writeThenMove<T>(target: string, write: (folder: string) => Promise<T>): Promise<T> {
  const folder = `${target}.tmp-${process.pid}`;
  try {
    await mkdir(folder);
    const result = await write(folder);
    await syncDirectory(folder);
    await moveIntoPlace(folder, target);
    return result;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function moveIntoPlace(folder: string, target: string): Promise<void> {
  const old = `${target}.old-${process.pid}`;
  const isSwap = await isEngineDirectory(target);
  if (isSwap) await rename(target, old);
  try {
    await rename(folder, target);
  } catch (error) {
    if (isSwap) await rename(old, target);
    throw error;
  }
  await syncDirectory(dirname(target));
  await rm(old, { recursive: true, force: true });
}

/** Temporary folders of builds whose process is gone. */
async function removeLeftovers(target: string): Promise<void> {
  const pattern = /\.(?:tmp|old)-(\d+)$/;
  for (const name of await readdir(dirname(target))) {
    const pid = Number(pattern.exec(name)?.[1] ?? Number.NaN);
    if (name.replace(pattern, '') !== basename(target) || Number.isNaN(pid)) continue;
    if (pid === process.pid || !isAlive(pid)) await rm(join(dirname(target), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function checkSpace(directory: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  if (bavail * bsize < needed)
    throw new TrtllmError('DISK_FULL', `${directory} has ${bavail * bsize} bytes free, the engine needs ${needed}; free some, or choose another place`);
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}

function explain(error: unknown, target: string, bytes: number): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof TrtllmError || code === undefined || typeof code !== 'string') return error;
  if (code === 'ENOSPC') return new TrtllmError('DISK_FULL', `the disc of ${target} is full; the engine needs ${bytes} bytes`, { cause: error });
  return code.startsWith('E') ? new TrtllmError('IO_ERROR', `${target}: ${message}`, { cause: error }) : error;
}
