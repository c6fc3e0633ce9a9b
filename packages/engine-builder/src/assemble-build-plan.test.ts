import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Op, PlanEntry } from '@trtllm/protocol';
import { describe, expect, it } from 'vitest';
import { planEngine } from './build-engine.js';
import { jsonDocument } from './json-document.js';
import { GOLDENS, golden, readJson, temporaryFolder, variant } from './testing/tiny-checkpoint.js';

const folder = temporaryFolder();
const NATIVE = { nativeDirectory: 'none' };

/** One line an entry: name, layout, dtype, shape, arrangement of its parts. */
function entryLine({ name, layout, dtype, shape, parts, arrange }: PlanEntry): string {
  const from = parts.map(({ tensor, rows }) => `${tensor.replace(/^model\./, '')}[${rows.join(':')}]`).join(' + ');
  return `${name} ${layout} ${dtype} [${shape.join(', ')}] ${parts.length > 1 ? `${arrange} ` : ''}${from}`;
}

const opLine = (op: Op) => `${op.op} ${Object.entries(op).filter(([key]) => key !== 'op').map(([key, value]) => `${key}=${value}`).join(' ')}`;

describe('build plan', () => {
  it('fuses q, k, v and gate, up, biases too, for a one-layer model', async () => {
    const model = variant(folder, {
      from: 'llama-headdim-bias',
      config: { num_hidden_layers: 1 },
      tensors: (all) => all.filter(({ name }) => !/layers\.[12]\./.test(name)),
    });
    const { plan, graph } = await planEngine({ ...NATIVE, model });
    expect(plan.entries.map(entryLine)).toMatchInlineSnapshot(`
      [
        "embedding tile16 bfloat16 [320, 64] embed_tokens.weight[0:320]",
        "final_norm vector float32 [64] norm.weight[0:64]",
        "layers.0.attention.output tile16 bfloat16 [64, 128] layers.0.self_attn.o_proj.weight[0:64]",
        "layers.0.attention.output.bias vector float32 [64] layers.0.self_attn.o_proj.bias[0:64]",
        "layers.0.attention.qkv tile16 bfloat16 [256, 64] concat layers.0.self_attn.q_proj.weight[0:128] + layers.0.self_attn.k_proj.weight[0:64] + layers.0.self_attn.v_proj.weight[0:64]",
        "layers.0.attention.qkv.bias vector float32 [256] concat layers.0.self_attn.q_proj.bias[0:128] + layers.0.self_attn.k_proj.bias[0:64] + layers.0.self_attn.v_proj.bias[0:64]",
        "layers.0.attention_norm vector float32 [64] layers.0.input_layernorm.weight[0:64]",
        "layers.0.mlp.down tile16 bfloat16 [64, 160] layers.0.mlp.down_proj.weight[0:64]",
        "layers.0.mlp.down.bias vector float32 [64] layers.0.mlp.down_proj.bias[0:64]",
        "layers.0.mlp.gate_up tile16 bfloat16 [320, 64] interleave16 layers.0.mlp.gate_proj.weight[0:160] + layers.0.mlp.up_proj.weight[0:160]",
        "layers.0.mlp.gate_up.bias vector float32 [320] interleave16 layers.0.mlp.gate_proj.bias[0:160] + layers.0.mlp.up_proj.bias[0:160]",
        "layers.0.mlp_norm vector float32 [64] layers.0.post_attention_layernorm.weight[0:64]",
        "lm_head tile16 bfloat16 [320, 64] lm_head.weight[0:320]",
      ]
    `);
    expect(graph.layers.body.map(opLine)).toMatchInlineSnapshot(`
      [
        "rms_norm input=x weight=layers.{i}.attention_norm epsilon=0.000001 output=attention_input",
        "linear input=attention_input weight=layers.{i}.attention.qkv bias=layers.{i}.attention.qkv.bias epilogue=store output=qkv",
        "rope buffer=qkv first_head=0 num_heads=6 head_dim=32 table=0",
        "attention qkv=qkv num_heads=4 num_kv_heads=2 head_dim=32 scale=0.17677669529663687 window=0 output=attended",
        "linear input=attended weight=layers.{i}.attention.output bias=layers.{i}.attention.output.bias epilogue=add_residual output=x",
        "rms_norm input=x weight=layers.{i}.mlp_norm epsilon=0.000001 output=mlp_input",
        "linear input=mlp_input weight=layers.{i}.mlp.gate_up bias=layers.{i}.mlp.gate_up.bias epilogue=swiglu output=gated",
        "linear input=gated weight=layers.{i}.mlp.down bias=layers.{i}.mlp.down.bias epilogue=add_residual output=x",
      ]
    `);
    expect(graph.epilogue.map(opLine)).toMatchInlineSnapshot(`
      [
        "select_rows input=x output=last_rows",
        "rms_norm input=last_rows weight=final_norm epsilon=0.000001 output=head_input",
        "lm_head input=head_input weight=lm_head",
      ]
    `);
  });

  it('norms the heads of q and k where Qwen3 has it, before the rotation', async () => {
    const { graph, plan } = await planEngine({ ...NATIVE, model: golden('qwen3') });
    expect(graph.layers.body.slice(1, 5).map(opLine)).toMatchInlineSnapshot(`
      [
        "linear input=attention_input weight=layers.{i}.attention.qkv epilogue=store output=qkv",
        "head_norm buffer=qkv first_head=0 num_heads=4 head_dim=32 weight=layers.{i}.attention.q_norm epsilon=0.000001",
        "head_norm buffer=qkv first_head=4 num_heads=2 head_dim=32 weight=layers.{i}.attention.k_norm epsilon=0.000001",
        "rope buffer=qkv first_head=0 num_heads=6 head_dim=32 table=0",
      ]
    `);
    expect(plan.entries.filter(({ name }) => name.startsWith('layers.2.attention.')).map(({ name }) => name)).toEqual([
      'layers.2.attention.k_norm', 'layers.2.attention.output', 'layers.2.attention.q_norm', 'layers.2.attention.qkv',
    ]);
  });

  it.each(GOLDENS)('%s gives the same plan and graph in both spellings of its config', async (name) => {
    const [old, v5] = [variant(folder, { from: name }), variant(folder, { from: name })];
    writeFileSync(join(v5, 'config.json'), JSON.stringify(readJson(join(golden(name), 'config.v5.json'))));
    const [one, two] = [await planEngine({ ...NATIVE, model: old }), await planEngine({ ...NATIVE, model: v5 })];
    expect(two.plan.entries).toEqual(one.plan.entries);
    expect(two.graph).toEqual(one.graph);
    expect(two.manifest.pretrained_config).toEqual(one.manifest.pretrained_config);
  });

  it('a tied embedding is one section for both uses', async () => {
    const { plan, graph, manifest } = await planEngine({ ...NATIVE, model: golden('qwen2') });
    expect(plan.entries.map(({ name }) => name)).not.toContain('lm_head');
    expect(graph.epilogue.at(-1)).toEqual({ op: 'lm_head', input: 'head_input', weight: 'embedding' });
    expect(manifest.trtllm.weight_bytes).toBeGreaterThan(320 * 64 * 2);
  });

  it('windows that differ between layers become an array of the layers', async () => {
    const layer_types = ['full_attention', 'sliding_attention', 'full_attention'];
    const { graph } = await planEngine({ ...NATIVE, model: variant(folder, { config: { use_sliding_window: true, sliding_window: 8, layer_types } }) });
    expect(graph.layers.per_layer).toEqual({ window: [0, 8, 0] });
    expect(graph.layers.body.find(({ op }) => op === 'attention')).toMatchObject({ window: '$window' });
  });

  it('float32 engines store float32; vectors are float32 always', async () => {
    const { plan, graph } = await planEngine({ ...NATIVE, model: golden('llama'), dtype: 'float32' });
    expect(new Set(plan.entries.map(({ dtype }) => dtype))).toEqual(new Set(['float32']));
    expect(graph.dtype).toBe('float32');
  });

  it('a config alone makes synthetic entries of the same names and shapes', async () => {
    const real = await planEngine({ ...NATIVE, model: golden('llama') });
    const { plan, manifest } = await planEngine({ ...NATIVE, config: join(golden('llama'), 'config.json'), dummy_weights: true, seed: 3 });
    expect(plan.entries.map(({ name, shape }) => ({ name, shape }))).toEqual(real.plan.entries.map(({ name, shape }) => ({ name, shape })));
    expect(plan.output_bytes).toBe(real.plan.output_bytes);
    expect(plan.entries.find(({ name }) => name === 'embedding')).toMatchObject({ parts: [], synthetic: { seed: 3, distribution: 'normal', value: 0.02 } });
    expect(plan.entries.find(({ name }) => name === 'final_norm')).toMatchObject({ synthetic: { distribution: 'constant', value: 1 } });
    expect(manifest.trtllm).toMatchObject({ synthetic: true, model_name: 'llama', has_tokenizer: false });
  });

  it.each([
    [{ model: golden('llama'), max_seq_len: 513 }, /max_seq_len 513 is more than the 512 positions/],
    [{ model: golden('llama'), max_batch_size: 0 }, /max_batch_size 0: expected an integer from 1/],
    [{ model: golden('llama'), seed: 1 }, /seed .* needs dummy_weights/],
    [{ config: 'x.json' }, /no weights: add dummy_weights/],
    [{}, /either a checkpoint directory/],
  ])('refuses the options %j', async (options, message) => {
    await expect(planEngine({ ...NATIVE, ...options })).rejects.toThrow(message);
  });

  it('documents are laid out for people and parse back to what they were', () => {
    const value = { list: [1, 2], names: ['[ a ]', 'b'], nested: [{ empty: [] }] };
    const text = jsonDocument(value);
    expect(JSON.parse(text)).toEqual(value);
    expect(text).toContain('"list": [1, 2]');
  });
});
