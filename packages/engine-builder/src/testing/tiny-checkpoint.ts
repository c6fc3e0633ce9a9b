// Small checkpoints for tests: copies of the goldens with something changed.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { parseSafetensors } from '../safetensors-header.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
export const STORIES = join(ROOT, 'models/stories260K');
export const NATIVE_DIRECTORY = process.env['TRTLLM_NATIVE_DIR'] ?? join(ROOT, 'native/build/release');
export const GOLDENS = [
  'llama', 'llama-long', 'llama3-rope', 'llama-yarn', 'llama-headdim-bias', 'mistral-swa', 'mistral-long', 'qwen2', 'qwen3', 'qwen3-hd128',
];

export function golden(name: string): string {
  return join(ROOT, 'test/goldens', name);
}

export interface TinyTensor {
  name: string;
  dtype: string;
  shape: number[];
  data: Uint8Array;
}

export type Json = Record<string, unknown>;

export function readJson(path: string): Json {
  return JSON.parse(readFileSync(path, 'utf8')) as Json;
}

/** A folder that goes when the test file is done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trtllm-builder-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function readTensors(checkpoint: string): TinyTensor[] {
  const file = readFileSync(join(checkpoint, 'model.safetensors'));
  return parseSafetensors(file, 'model.safetensors').map(({ name, dtype, shape, offset, bytes }) => ({ name, dtype, shape, data: file.subarray(offset, offset + bytes) }));
}

export function safetensorsBytes(tensors: readonly TinyTensor[]): Buffer {
  let end = 0;
  const header: Json = {};
  for (const { name, dtype, shape, data } of tensors) header[name] = { dtype, shape, data_offsets: [end, (end += data.byteLength)] };
  return withHeader(JSON.stringify(header), Buffer.concat(tensors.map(({ data }) => data)));
}

/** A file of this header text, right or wrong, and these data bytes. */
export function withHeader(header: string | Uint8Array, data: Uint8Array = new Uint8Array()): Buffer {
  const bytes = Buffer.from(header as string);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([prefix, bytes, data]);
}

/** The qwen3 golden with its config and tensors changed. */
export function variant(folder: string, changes: { config?: Json; tensors?: (tensors: TinyTensor[]) => TinyTensor[]; from?: string }): string {
  const source = golden(changes.from ?? 'qwen3');
  const directory = mkdtempSync(join(folder, 'checkpoint-'));
  writeFileSync(join(directory, 'config.json'), JSON.stringify({ ...readJson(join(source, 'config.json')), ...changes.config }));
  if (changes.tensors) writeFileSync(join(directory, 'model.safetensors'), safetensorsBytes(changes.tensors(readTensors(source))));
  else copyFileSync(join(source, 'model.safetensors'), join(directory, 'model.safetensors'));
  return directory;
}

/** The same golden as two shards with an index; `edit` may spoil the weight map. */
export function sharded(folder: string, edit: (map: Record<string, string>) => Record<string, string> = (map) => map): string {
  const directory = mkdtempSync(join(folder, 'sharded-'));
  copyFileSync(join(golden('qwen3'), 'config.json'), join(directory, 'config.json'));
  const tensors = readTensors(golden('qwen3'));
  const parts = { 'model-00001-of-00002.safetensors': tensors.slice(0, 11), 'model-00002-of-00002.safetensors': tensors.slice(11) };
  const map: Record<string, string> = {};
  for (const [name, part] of Object.entries(parts)) {
    writeFileSync(join(directory, name), safetensorsBytes(part));
    for (const tensor of part) map[tensor.name] = name;
  }
  writeFileSync(join(directory, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map: edit(map) }));
  return directory;
}
