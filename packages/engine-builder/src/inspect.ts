// What a checkpoint or engine directory holds, as plain values; sizes and hashes that belong together are compared on the way.
import { join, resolve } from 'node:path';
import { parseEngineManifest, TrtllmError, type EngineManifest } from '@trtllm/protocol';
import { readEngineFile, type EngineFile } from './engine-file.js';
import { readTextFile } from './input-file.js';
import { sha256 } from './json-document.js';
import { detectModelKind } from './model-kind.js';
import { readModelConfig } from './model-config.js';
import { readCheckpoint } from './read-checkpoint.js';
import { hasTokenizer } from './tokenizer-files.js';

export interface InspectedTensor {
  name: string;
  dtype: string;
  shape: number[];
  bytes: number;
  file: string;
  /** Engines only. */
  layout?: string;
  xxh3?: string;
}

export interface Inspection {
  kind: 'checkpoint' | 'engine';
  directory: string;
  architecture: string;
  dtype: string;
  num_parameters: number;
  sizes: Record<string, number>;
  tokenizer: boolean;
  files: { file: string; bytes: number }[];
  tensors: InspectedTensor[];
  /** Engines only. */
  manifest?: EngineManifest;
  manifest_sha256?: string;
}

export async function inspect(path: string): Promise<Inspection> {
  const directory = resolve(path);
  return (await detectModelKind(directory)) === 'engine' ? inspectEngine(directory) : inspectCheckpoint(directory);
}

async function inspectCheckpoint(directory: string): Promise<Inspection> {
  const checkpoint = await readCheckpoint(directory);
  const config = readModelConfig(checkpoint.config, checkpoint.configPath, checkpoint.generation);
  const { hidden_size, intermediate_size, num_layers, num_heads, num_kv_heads, head_dim, vocab_size, max_position_embeddings } = config;
  const tensors = [...checkpoint.tensors!.values()];
  return {
    kind: 'checkpoint',
    directory,
    architecture: config.architecture.name,
    dtype: [...new Set(tensors.map(({ dtype }) => dtype))].sort().join(', '),
    num_parameters: tensors.reduce((total, { shape }) => total + shape.reduce((product, size) => product * size, 1), 0),
    sizes: { hidden_size, intermediate_size, num_layers, num_heads, num_kv_heads, head_dim, vocab_size, max_position_embeddings },
    tokenizer: hasTokenizer(checkpoint.tokenizer.files),
    files: checkpoint.shards.map(({ name, bytes }) => ({ file: name, bytes })),
    tensors: tensors.map(({ name, dtype, shape, bytes, shard }) => ({ name, dtype, shape, bytes, file: checkpoint.shards[shard]!.name })),
  };
}

async function inspectEngine(directory: string): Promise<Inspection> {
  const text = await readTextFile(directory, 'config.json', 'ENGINE_INVALID');
  const manifest = parseEngineManifest(text, join(directory, 'config.json'));
  const manifestSha256 = sha256(text);
  await checkGraph(directory, manifest);
  const files: EngineFile[] = [];
  for (const { file, bytes } of manifest.trtllm.rank_files) files.push(checkRankFile(await readEngineFile(directory, file), bytes, manifestSha256));
  const { architecture, dtype } = manifest.pretrained_config;
  return {
    kind: 'engine',
    directory,
    architecture,
    dtype,
    num_parameters: manifest.trtllm.num_parameters,
    sizes: engineSizes(manifest),
    tokenizer: manifest.trtllm.has_tokenizer,
    files: files.map(({ file, bytes }) => ({ file, bytes })),
    tensors: files.flatMap(({ file, sections }) => sections.map(({ name, dtype, shape, bytes, layout, xxh3 }) => ({ name, dtype, shape, bytes, file, layout, xxh3 }))),
    manifest,
    manifest_sha256: manifestSha256,
  };
}

function engineSizes({ pretrained_config: model, build_config: build }: EngineManifest): Record<string, number> {
  return {
    hidden_size: model.hidden_size,
    intermediate_size: model.intermediate_size,
    num_layers: model.num_hidden_layers,
    num_heads: model.num_attention_heads,
    num_kv_heads: model.num_key_value_heads,
    head_dim: model.head_size,
    vocab_size: model.vocab_size,
    max_position_embeddings: model.max_position_embeddings,
    max_batch_size: build.max_batch_size,
    max_num_tokens: build.max_num_tokens,
    max_seq_len: build.max_seq_len,
  };
}

async function checkGraph(directory: string, { trtllm }: EngineManifest): Promise<void> {
  const found = sha256(await readTextFile(directory, 'graph.json', 'ENGINE_INVALID'));
  if (found !== trtllm.graph_sha256)
    throw new TrtllmError('ENGINE_INVALID', `${directory}/graph.json has SHA-256 ${found}, config.json says ${trtllm.graph_sha256}; rebuild the engine`);
}

function checkRankFile(file: EngineFile, bytes: number, manifestSha256: string): EngineFile {
  if (file.bytes !== bytes) throw new TrtllmError('ENGINE_INVALID', `${file.file} has ${file.bytes} bytes, config.json says ${bytes}; rebuild the engine`);
  if (file.manifestSha256 !== manifestSha256)
    throw new TrtllmError('ENGINE_INVALID', `${file.file} belongs to another config.json (SHA-256 ${file.manifestSha256}, found ${manifestSha256}); rebuild the engine`);
  return file;
}
