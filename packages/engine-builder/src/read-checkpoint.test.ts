import { copyFileSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planEngine } from './build-engine.js';
import { engineFingerprint } from './engine-fingerprint.js';
import { detectModelKind } from './model-kind.js';
import { golden, sharded, temporaryFolder, variant, type TinyTensor } from './testing/tiny-checkpoint.js';

const folder = temporaryFolder();
const plan = (model: string) => planEngine({ model, nativeDirectory: 'none' });
const refusal = (code: string, message: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(message) });
const change = (name: string, edit: (tensor: TinyTensor) => TinyTensor[]) => (tensors: TinyTensor[]) =>
  tensors.flatMap((tensor) => (tensor.name === name ? edit(tensor) : [tensor]));
const Q = 'model.layers.1.self_attn.q_proj.weight';

describe('checkpoint', () => {
  it('two shards with an index give the plan of the single file', async () => {
    const [one, two] = [await plan(golden('qwen3')), await plan(sharded(folder))];
    const shapes = ({ plan: { entries } }: typeof one) => entries.map(({ parts, ...entry }) => ({ ...entry, parts: parts.map(({ tensor, rows }) => ({ tensor, rows })) }));
    expect(shapes(two)).toEqual(shapes(one));
    expect(two.plan.sources).toHaveLength(2);
    expect(two.graph).toEqual(one.graph);
  });

  it('an index is refused that names other shards, leaves tensors out or leads out of the folder', async () => {
    const [first, second] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
    await expect(plan(sharded(folder, (map) => ({ ...map, [Q]: map[Q] === first ? second : first })))).rejects.toThrow(/q_proj.weight should be in model-0000\d.*, it is in model-0000/);
    await expect(plan(sharded(folder, (map) => ({ ...map, 'lm_head.weight': '../model.safetensors' })))).rejects.toThrow(/"..\/model.safetensors" is not a plain file name/);
    await expect(plan(sharded(folder, (map) => Object.fromEntries(Object.entries(map).filter(([name]) => name !== Q))))).rejects.toThrow(/does not list model.layers.1.self_attn.q_proj.weight/);
    await expect(plan(sharded(folder, (map) => ({ ...map, extra: first })))).rejects.toEqual(refusal('TENSOR_MISSING', /extra should be in .*, it is in no shard/));
  });

  it('a link out of the folder is refused, one to the blobs of a hub cache is followed', async () => {
    const cache = join(folder, 'hub');
    const snapshot = join(cache, 'snapshots', 'abc');
    mkdirSync(snapshot, { recursive: true });
    mkdirSync(join(cache, 'blobs'));
    for (const name of ['config.json', 'model.safetensors']) symlinkSync(join(golden('qwen3'), name), join(snapshot, name));
    await expect(plan(snapshot)).rejects.toThrow(/link out of its folder/);
    const real = variant(folder, {});
    for (const name of ['config.json', 'model.safetensors']) {
      rmSync(join(snapshot, name));
      copyFileSync(join(real, name), join(cache, 'blobs', name));
      symlinkSync(join('..', '..', 'blobs', name), join(snapshot, name));
    }
    expect((await plan(snapshot)).plan.entries.length).toBeGreaterThan(0);
  });

  it.each([
    ['a missing tensor', (all: TinyTensor[]) => all.filter(({ name }) => name !== Q), 'TENSOR_MISSING', /q_proj.weight \[128, 64\] is not in the checkpoint/],
    ['a missing LM head', (all: TinyTensor[]) => all.filter(({ name }) => name !== 'lm_head.weight'), 'TENSOR_MISSING', /lm_head.weight .* set tie_word_embeddings/],
    ['a transposed weight', change(Q, (tensor) => [{ ...tensor, shape: [64, 128] }]), 'TENSOR_MISMATCH', /expected \[128, 64\], found BF16 \[64, 128\]; it is transposed/],
    ['another shape', change(Q, (tensor) => [{ ...tensor, shape: [32, 256] }]), 'TENSOR_MISMATCH', /found BF16 \[32, 256\]; config.json is of another model/],
    ['integer weights', change(Q, (tensor) => [{ ...tensor, dtype: 'I16' }]), 'TENSOR_MISMATCH', /found I16 .*read from BF16, F16 or F32/],
    ['a surplus tensor', change(Q, (tensor) => [tensor, { ...tensor, name: 'model.adapter.weight' }]), 'TENSOR_MISMATCH', /no use for: model.adapter.weight/],
  ])('refuses %s by name', async (_, tensors, code, message) => {
    await expect(plan(variant(folder, { tensors }))).rejects.toEqual(refusal(code, message));
  });

  it('known leftovers are left out with a note', async () => {
    const inverse = { name: 'model.layers.0.self_attn.rotary_emb.inv_freq', dtype: 'F32', shape: [1], data: new Uint8Array(4) };
    const { notes, plan: built } = await plan(variant(folder, { config: { tie_word_embeddings: true }, tensors: (all) => [...all, inverse] }));
    expect(notes).toEqual([expect.stringMatching(/^1 rotary_emb.inv_freq/), expect.stringMatching(/^lm_head.weight is left out/)]);
    expect(built.entries.map(({ name }) => name)).not.toContain('lm_head');
  });

  it('a truncated file, a folder without weights and no folder are told apart', async () => {
    const cut = variant(folder, {});
    truncateSync(join(cut, 'model.safetensors'), 100_000);
    await expect(plan(cut)).rejects.toEqual(refusal('SAFETENSORS_INVALID', /truncated/));
    rmSync(join(cut, 'model.safetensors'));
    await expect(plan(cut)).rejects.toEqual(refusal('CHECKPOINT_NOT_FOUND', /neither model.safetensors nor/));
    await expect(plan(join(folder, 'nowhere'))).rejects.toEqual(refusal('CHECKPOINT_NOT_FOUND', /no such directory/));
  });

  it('the kind of a directory is told by its config.json', async () => {
    const other = join(folder, 'other');
    mkdirSync(other);
    await expect(detectModelKind(other)).rejects.toThrow(/no config.json/);
    const kindOf = async (config: unknown) => {
      writeFileSync(join(other, 'config.json'), JSON.stringify(config));
      return detectModelKind(other);
    };
    expect(await kindOf({ architectures: ['LlamaForCausalLM'] })).toBe('checkpoint');
    expect(await kindOf({ pretrained_config: {}, build_config: {}, trtllm: {} })).toBe('engine');
    await expect(kindOf({ pretrained_config: {}, build_config: {} })).rejects.toThrow(/engine of NVIDIA TensorRT-LLM/);
    await expect(kindOf({ architecture: 'LlamaForCausalLM', dtype: 'float16' })).rejects.toThrow(/TensorRT-LLM's own layout/);
    await expect(kindOf([])).rejects.toThrow(/expected a JSON object/);
  });

  it('the fingerprint follows content and options', async () => {
    const of = (model: string, dtype: 'bfloat16' | 'float32' = 'bfloat16') => engineFingerprint({ model, dtype, nativeDirectory: 'none' });
    const model = variant(folder, {});
    const first = await of(model);
    expect(await of(model)).toBe(first);
    expect(await of(model, 'float32')).not.toBe(first);
    writeFileSync(join(model, 'generation_config.json'), '{"eos_token_id": 3}');
    expect(await of(model)).not.toBe(first);
  });
});
