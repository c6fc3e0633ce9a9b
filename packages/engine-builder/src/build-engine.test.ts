// The whole walk, with the native packer.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEngineManifest } from '@trtllm/protocol';
import { describe, expect, it } from 'vitest';
import { buildEngine, type BuildRequest } from './build-engine.js';
import type { BuildProgress } from './build-options.js';
import { readEngineFile, type EngineSection } from './engine-file.js';
import { inspect } from './inspect.js';
import { isEngineDirectory } from './model-kind.js';
import { GOLDENS, golden, NATIVE_DIRECTORY, readJson, readTensors, sharded, STORIES, temporaryFolder, variant, type TinyTensor } from './testing/tiny-checkpoint.js';

const folder = temporaryFolder();
let counter = 0;
const freshOutput = () => join(folder, `out-${(counter += 1)}`, 'engine');

async function build(options: Partial<BuildRequest>): Promise<{ output: string; notes: string[] }> {
  const output = options.output_dir ?? freshOutput();
  const { notes } = await buildEngine({ nativeDirectory: NATIVE_DIRECTORY, ...options, output_dir: output });
  return { output, notes };
}

const bytesOf = (directory: string, name: string) => readFileSync(join(directory, name));
const siblings = (output: string) => readdirSync(join(output, '..'));
const f16 = (tensor: TinyTensor): TinyTensor => (tensor.name === 'lm_head.weight' ? { ...tensor, dtype: 'F16', data: Buffer.alloc(tensor.data.length, 0x3c) } : tensor);

describe.skipIf(!existsSync(join(NATIVE_DIRECTORY, 'trtllm-builder')))('building an engine', () => {
  it.each(GOLDENS)('%s becomes an engine that inspect finds whole, in both dtypes', async (name) => {
    for (const dtype of ['bfloat16', 'float32'] as const) {
      const { output } = await build({ model: golden(name), dtype });
      const found = await inspect(output);
      expect(found).toMatchObject({ kind: 'engine', dtype, tokenizer: false, num_parameters: (await inspect(golden(name))).num_parameters });
      expect(new Set(found.tensors.filter(({ layout }) => layout === 'tile16').map((tensor) => tensor.dtype))).toEqual(new Set([dtype]));
      expect(siblings(output)).toEqual(['engine']);
    }
  });

  it('stories260K keeps its tokenizer files and its several EOS ids; progress ends at the end', async () => {
    const seen: BuildProgress[] = [];
    const { output } = await build({ model: STORIES, onProgress: (progress) => seen.push(progress) });
    expect(readdirSync(output).sort()).toEqual([
      'build-plan.json', 'config.json', 'generation_config.json', 'graph.json', 'rank0.engine', 'tokenizer.json', 'tokenizer_config.json',
    ]);
    expect(bytesOf(output, 'tokenizer.json')).toEqual(bytesOf(STORIES, 'tokenizer.json'));
    const manifest = parseEngineManifest(bytesOf(output, 'config.json').toString(), 'config.json');
    expect(manifest.trtllm).toMatchObject({ eos_token_ids: [2, 1], bos_token_id: 1, has_tokenizer: true, model_name: 'stories260K' });
    expect([...new Set(seen.map(({ phase }) => phase))]).toEqual(['read', 'plan', 'pack', 'seal']);
    expect(seen.at(-1)!.doneBytes).toBe(seen.at(-1)!.totalBytes);
  });

  it('the same input gives the same bytes, from shards or one file, on one thread or two', async () => {
    const { output: first } = await build({ model: golden('qwen3'), model_name: 'm', workers: 1 });
    const { output: second } = await build({ model: golden('qwen3'), model_name: 'm', workers: 2 });
    for (const name of readdirSync(first)) expect(bytesOf(second, name).equals(bytesOf(first, name)), name).toBe(true);
    const { output: fromShards } = await build({ model: sharded(folder), model_name: 'm' });
    // The header holds the manifest's digest, and that names the source's files; the weights are equal.
    expect(bytesOf(fromShards, 'rank0.engine').subarray(4096).equals(bytesOf(first, 'rank0.engine').subarray(4096))).toBe(true);
    expect(bytesOf(fromShards, 'graph.json').equals(bytesOf(first, 'graph.json'))).toBe(true);
  });

  it('every fused weight is found again where docs/engine-format.md says', async () => {
    const { output } = await build({ model: golden('llama') });
    const tensors = new Map(readTensors(golden('llama')).map((tensor) => [tensor.name, tensor]));
    const file = bytesOf(output, 'rank0.engine');
    const section = (name: string) => sections.find((found) => found.name === name)!;
    const { sections } = await readEngineFile(output, 'rank0.engine');
    const packed = ({ offset, padded }: EngineSection, n: number, k: number) => {
      const index = ((Math.floor(n / 16) * (padded[1]! / 32) + Math.floor(k / 32)) * 16 + Math.floor((k % 32) / 2)) * 32 + (n % 16) * 2 + (k % 2);
      return file.readUInt16LE(offset + 2 * index);
    };
    const source = (name: string, row: number, k: number) => {
      const { data, shape } = tensors.get(`model.layers.1.${name}_proj.weight`)!;
      return Buffer.from(data).readUInt16LE(2 * (row * shape[1]! + k));
    };
    const [qkv, gateUp] = [section('layers.1.attention.qkv'), section('layers.1.mlp.gate_up')];
    for (const k of [0, 1, 31, 32, 63]) {
      for (const row of [0, 1, 15, 16, 31]) {
        expect(packed(qkv, row, k)).toBe(source('self_attn.q', row, k));
        expect(packed(qkv, 64 + row, k)).toBe(source('self_attn.k', row, k));
        expect(packed(qkv, 96 + row, k)).toBe(source('self_attn.v', row, k));
        const column = 32 * Math.floor(row / 16) + (row % 16);
        expect(packed(gateUp, column, k)).toBe(source('mlp.gate', row, k));
        expect(packed(gateUp, column + 16, k)).toBe(source('mlp.up', row, k));
      }
    }
  });

  it('synthetic weights follow the seed; no more than a page lies between sections', async () => {
    const config = join(folder, 'wide.json');
    writeFileSync(config, JSON.stringify({ ...readJson(join(golden('llama'), 'config.json')), hidden_size: 512, vocab_size: 4096, num_hidden_layers: 1 }));
    const made = async (seed: number) => (await build({ config, dummy_weights: true, seed })).output;
    const [first, again, other] = [await made(1), await made(1), await made(2)];
    const weights = (output: string) => bytesOf(output, 'rank0.engine').subarray(4096);
    expect(weights(again).equals(weights(first))).toBe(true);
    expect(weights(other).equals(weights(first))).toBe(false);
    const { sections } = await readEngineFile(first, 'rank0.engine');
    const gaps = sections.slice(1).map(({ offset }, at) => offset - sections[at]!.offset - sections[at]!.bytes);
    expect(gaps.filter((gap) => gap < 0 || gap >= 4096)).toEqual([]);
  });

  it('says that fp16 weights were converted, and nothing where nothing was', async () => {
    const { notes } = await build({ model: variant(folder, { tensors: (all) => all.map(f16) }) });
    expect(notes).toEqual([expect.stringMatching(/^fp16 weights converted to bfloat16, max relative change \d/)]);
    expect((await build({ model: golden('qwen3') })).notes).toEqual([]);
  });

  it('refuses NaN weights by name and leaves nothing behind', async () => {
    const spoil = (tensor: TinyTensor) => (tensor.name === 'lm_head.weight' ? { ...tensor, data: Buffer.alloc(tensor.data.length, 0xff) } : tensor);
    const model = variant(folder, { tensors: (all) => all.map(spoil) });
    const output = freshOutput();
    await expect(build({ model, output_dir: output })).rejects.toEqual(
      expect.objectContaining({ code: 'TENSOR_NONFINITE', message: expect.stringContaining('lm_head.weight') }),
    );
    expect(siblings(output)).toEqual([]);
    expect(await isEngineDirectory((await build({ model, allow_nonfinite: true })).output)).toBe(true);
  });

  it('an engine is replaced only with force, another folder never', async () => {
    const { output } = await build({ model: golden('llama') });
    await expect(build({ model: golden('qwen3'), output_dir: output })).rejects.toEqual(expect.objectContaining({ code: 'OUTPUT_EXISTS' }));
    await build({ model: golden('qwen3'), output_dir: output, force: true });
    expect((await inspect(output)).architecture).toBe('Qwen3ForCausalLM');
    expect(siblings(output)).toEqual(['engine']);
    const precious = join(folder, 'precious');
    mkdirSync(precious);
    writeFileSync(join(precious, 'thesis.txt'), 'x');
    await expect(build({ model: golden('llama'), output_dir: precious, force: true })).rejects.toThrow(/not an engine; it is left alone/);
    expect(readdirSync(precious)).toEqual(['thesis.txt']);
  });

  it('an abort while packing leaves nothing behind', async () => {
    const controller = new AbortController();
    const onProgress = ({ phase }: BuildProgress) => phase === 'pack' && controller.abort(new Error('stopped by a test'));
    const output = freshOutput();
    await expect(build({ model: golden('llama'), output_dir: output, signal: controller.signal, onProgress })).rejects.toThrow('stopped by a test');
    expect(siblings(output)).toEqual([]);
  });

  it('leftovers of dead builds are removed, those of live ones stay', async () => {
    const output = freshOutput();
    const [dead, live] = [`${output}.tmp-${2 ** 22 + 1}`, `${output}.tmp-${process.ppid}`];
    for (const path of [dead, live]) mkdirSync(path, { recursive: true });
    await build({ model: golden('llama'), output_dir: output });
    expect(existsSync(dead)).toBe(false);
    expect(existsSync(live)).toBe(true);
  });

  it('inspect refuses an engine whose parts do not belong together', async () => {
    const { output } = await build({ model: golden('llama') });
    const text = bytesOf(output, 'config.json').toString();
    writeFileSync(join(output, 'config.json'), `${text} `);
    await expect(inspect(output)).rejects.toThrow(/rank0.engine belongs to another config.json/);
    writeFileSync(join(output, 'config.json'), text.replace('"format_version": 1', '"format_version": 2'));
    await expect(inspect(output)).rejects.toEqual(expect.objectContaining({ code: 'ENGINE_VERSION' }));
    writeFileSync(join(output, 'config.json'), text);
    writeFileSync(join(output, 'graph.json'), '{}');
    await expect(inspect(output)).rejects.toThrow(/graph.json has SHA-256/);
  });
});

it('a missing packer is refused with what to do, and nothing is left', async () => {
  const output = freshOutput();
  await expect(build({ model: golden('llama'), output_dir: output, nativeDirectory: folder })).rejects.toThrow(/not built: no .*trtllm-builder; run `make build`/);
  expect(siblings(output)).toEqual([]);
});
