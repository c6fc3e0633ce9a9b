// Directory -> Checkpoint: config, tensor index, names of tokenizer files. No weight is read here.
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { TrtllmError } from '@trtllm/protocol';
import { exists, parseJsonObject, readTextFile } from './input-file.js';
import { readSafetensorsHeader, type TensorInfo } from './safetensors-header.js';
import { findTokenizerFiles } from './tokenizer-files.js';

const SINGLE_FILE = 'model.safetensors';
const INDEX_FILE = 'model.safetensors.index.json';

export interface CheckpointTensor extends TensorInfo {
  /** Index into Checkpoint.shards. */
  shard: number;
}

export interface Shard {
  name: string;
  /** Absolute. */
  path: string;
  bytes: number;
  mtimeMs: number;
  headerText: string;
}

export interface Checkpoint {
  name: string;
  directory: string;
  configPath: string;
  configText: string;
  config: Record<string, unknown>;
  generation: Record<string, unknown> | undefined;
  shards: Shard[];
  /** By name; null: a config alone, without weights. */
  tensors: Map<string, CheckpointTensor> | null;
  tokenizer: { directory: string; files: string[] };
}

export async function readCheckpoint(model: string): Promise<Checkpoint> {
  const directory = resolve(model);
  await checkDirectory(directory);
  const weights = await readWeights(directory);
  return { ...(await readConfig(directory, 'config.json')), ...weights, name: basename(directory) };
}

/** A config.json alone, for synthetic weights. */
export async function readConfigOnly(file: string): Promise<Checkpoint> {
  const path = resolve(file);
  if (!(await exists(path))) throw new TrtllmError('CHECKPOINT_NOT_FOUND', `${file}: no such file; expected an HF config.json`);
  const checkpoint = await readConfig(dirname(path), basename(path));
  const name = basename(path) === 'config.json' ? basename(dirname(path)) : basename(path).replace(/\.json$/, '');
  return { ...checkpoint, name, shards: [], tensors: null, tokenizer: { directory: checkpoint.directory, files: [] } };
}

async function readConfig(directory: string, name: string): Promise<Omit<Checkpoint, 'name' | 'shards' | 'tensors'>> {
  const configPath = join(directory, name);
  const configText = await readTextFile(directory, name, 'CONFIG_INVALID');
  const files = await findTokenizerFiles(directory);
  return {
    directory,
    configPath,
    configText,
    config: parseJsonObject(configText, configPath, 'CONFIG_INVALID'),
    generation: files.includes('generation_config.json') ? await readGenerationConfig(directory) : undefined,
    tokenizer: { directory, files },
  };
}

async function readGenerationConfig(directory: string): Promise<Record<string, unknown>> {
  const name = 'generation_config.json';
  return parseJsonObject(await readTextFile(directory, name, 'CONFIG_INVALID'), join(directory, name), 'CONFIG_INVALID');
}

async function checkDirectory(directory: string): Promise<void> {
  const stats = await stat(directory).catch(() => null);
  if (!stats?.isDirectory())
    throw new TrtllmError('CHECKPOINT_NOT_FOUND', `${directory}: no such directory; expected a checkpoint with config.json and ${SINGLE_FILE}`);
  if (!(await exists(join(directory, 'config.json'))))
    throw new TrtllmError('CHECKPOINT_NOT_FOUND', `${directory} has no config.json: it is not a checkpoint in HF layout`);
}

async function readWeights(directory: string): Promise<Pick<Checkpoint, 'shards' | 'tensors'>> {
  const shardOf = (await exists(join(directory, INDEX_FILE))) ? await readIndex(directory) : null;
  if (!shardOf && !(await exists(join(directory, SINGLE_FILE))))
    throw new TrtllmError('CHECKPOINT_NOT_FOUND', `${directory} has neither ${SINGLE_FILE} nor ${INDEX_FILE}; other weight formats (.bin, .pth, .gguf) are not read`);
  const names = shardOf ? [...new Set(shardOf.values())].sort() : [SINGLE_FILE];
  const shards: Shard[] = [];
  const tensors = new Map<string, CheckpointTensor>();
  for (const [shard, name] of names.entries()) {
    const header = await readSafetensorsHeader(directory, name);
    shards.push({ name, path: join(directory, name), bytes: header.fileBytes, mtimeMs: header.mtimeMs, headerText: header.text });
    for (const tensor of header.tensors) addTensor(tensors, { ...tensor, shard }, shards);
  }
  if (shardOf) checkIndex(shardOf, tensors, shards, join(directory, INDEX_FILE));
  return { shards, tensors };
}

/** weight_map of the index: tensor name -> shard's file name. */
async function readIndex(directory: string): Promise<Map<string, string>> {
  const path = join(directory, INDEX_FILE);
  const { weight_map: map } = parseJsonObject(await readTextFile(directory, INDEX_FILE, 'CHECKPOINT_INVALID'), path, 'CHECKPOINT_INVALID');
  if (typeof map !== 'object' || map === null || Array.isArray(map) || Object.values(map).some((name) => typeof name !== 'string'))
    throw new TrtllmError('CHECKPOINT_INVALID', `${path}: weight_map is not an object of file names`);
  return new Map(Object.entries(map as Record<string, string>));
}

function addTensor(tensors: Map<string, CheckpointTensor>, tensor: CheckpointTensor, shards: Shard[]): void {
  const other = tensors.get(tensor.name);
  if (other)
    throw new TrtllmError('CHECKPOINT_INVALID', `${tensor.name} is in two shards, ${shards[other.shard]!.name} and ${shards[tensor.shard]!.name}; remove one`);
  tensors.set(tensor.name, tensor);
}

function checkIndex(shardOf: Map<string, string>, tensors: Map<string, CheckpointTensor>, shards: Shard[], path: string): void {
  for (const [name, shardName] of shardOf) {
    const found = tensors.get(name);
    const place = found ? shards[found.shard]!.name : 'no shard';
    if (place !== shardName) throw new TrtllmError('TENSOR_MISSING', `${path}: ${name} should be in ${shardName}, it is in ${place}`);
  }
  for (const { name, shard } of tensors.values())
    if (!shardOf.has(name)) throw new TrtllmError('CHECKPOINT_INVALID', `${path} does not list ${name}, which is in ${shards[shard]!.name}`);
}
