import { join } from 'node:path';
import { TrtllmError } from '@trtllm/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readModelConfig } from './model-config.js';
import { ropeTable } from './rope-table.js';
import { GOLDENS, golden, readJson, type Json } from './testing/tiny-checkpoint.js';

const read = (from: string, changes: Json = {}, generation?: Json) => readModelConfig({ ...readJson(join(golden(from), 'config.json')), ...changes }, 'DIR/config.json', generation);

describe('model config', () => {
  it.each(GOLDENS)('%s means the same in both spellings', (name) => {
    const old = readModelConfig(readJson(join(golden(name), 'config.json')), 'config.json');
    expect(readModelConfig(readJson(join(golden(name), 'config.v5.json')), 'config.json')).toEqual(old);
  });

  it('reads what differs from family to family', () => {
    expect(read('llama-headdim-bias')).toMatchObject({ head_dim: 32, qkv_bias: true, attention_output_bias: true, mlp_bias: true });
    expect(read('qwen2')).toMatchObject({ head_dim: 16, qkv_bias: true, attention_output_bias: false, tie_word_embeddings: true, windows: [0, 0, 0] });
    expect(read('qwen3', { head_dim: undefined, attention_bias: true })).toMatchObject({ head_dim: 128, qkv_bias: true, attention_output_bias: true });
    expect(read('llama', { num_key_value_heads: null })).toMatchObject({ num_kv_heads: 4 });
    expect(read('llama-yarn').rope).toMatchObject({ type: 'yarn', factor: 4, original_max_position_embeddings: 128, beta_fast: 32, truncate: true });
    expect(read('llama', { rope_scaling: { type: 'linear', factor: 2 } }).rope).toEqual({ theta: 10_000, type: 'linear', factor: 2 });
  });

  it('sliding windows are per layer', () => {
    expect(read('mistral-swa').windows).toEqual([8, 8, 8]);
    expect(read('mistral-swa', { sliding_window: null }).windows).toEqual([0, 0, 0]);
    expect(read('mistral-swa', { sliding_window: 512 }).windows).toEqual([0, 0, 0]);
    const sliding = { use_sliding_window: true, sliding_window: 8 };
    expect(read('qwen2', { ...sliding, layer_types: null, max_window_layers: 1 }).windows).toEqual([0, 8, 8]);
    expect(read('qwen2', { ...sliding, layer_types: ['full_attention', 'sliding_attention', 'full_attention'] }).windows).toEqual([0, 8, 0]);
    expect(read('qwen2', { ...sliding, use_sliding_window: false }).windows).toEqual([0, 0, 0]);
    expect(() => read('qwen2', { ...sliding, layer_types: ['full_attention'] })).toThrow(/layer_types .* list of 3/);
  });

  it('token ids of generation_config.json win, one or a list', () => {
    expect(read('llama', {}, { eos_token_id: [2, 5] })).toMatchObject({ eos_token_ids: [2, 5], bos_token_id: 1 });
    expect(read('llama', { eos_token_id: null, bos_token_id: null })).toMatchObject({ eos_token_ids: [], bos_token_id: null });
    expect(() => read('llama', { eos_token_id: 320 })).toThrow(/eos_token_id is 320; expected token ids below vocab_size 320/);
    expect(() => read('llama', {}, { eos_token_id: -1 })).toThrow('DIR/generation_config.json: eos_token_id');
  });

  it('falls back to model_type where architectures is missing', () => {
    expect(read('qwen3', { architectures: null }).architecture.name).toBe('Qwen3ForCausalLM');
  });

  it.each([
    [{ architectures: ['GrokForCausalLM'] }, 'ARCHITECTURE_UNKNOWN', /"GrokForCausalLM" is not known; known are LlamaForCausalLM, Mistral/],
    [{ architectures: null, model_type: 'grok' }, 'ARCHITECTURE_UNKNOWN', /model_type "grok"/],
    [{ hidden_size: 64.5 }, 'CONFIG_INVALID', /hidden_size is 64.5; expected an integer from 1/],
    [{ hidden_size: '64' }, 'CONFIG_INVALID', /hidden_size is "64"/],
    [{ num_hidden_layers: undefined }, 'CONFIG_INVALID', /num_hidden_layers is missing/],
    [{ num_hidden_layers: 1e9 }, 'CONFIG_INVALID', /num_hidden_layers is 1000000000/],
    [{ num_key_value_heads: 3 }, 'CONFIG_INVALID', /num_key_value_heads is 3; expected a divisor of num_attention_heads 4/],
    [{ head_dim: null, num_attention_heads: 6, num_key_value_heads: 2 }, 'CONFIG_INVALID', /hidden_size is 64; expected a multiple of num_attention_heads 6/],
    [{ head_dim: 15 }, 'CONFIG_INVALID', /head_dim is 15; expected an even number/],
    [{ hidden_act: 'gelu' }, 'CONFIG_INVALID', /hidden_act is "gelu"; expected "silu"/],
    [{ quantization_config: { quant_method: 'awq' } }, 'CONFIG_INVALID', /quantized checkpoints are not read/],
    [{ partial_rotary_factor: 0.5 }, 'CONFIG_INVALID', /partial_rotary_factor is 0.5/],
    [{ rope_theta: 0 }, 'CONFIG_INVALID', /rope_theta is 0/],
    [{ rope_scaling: { rope_type: 'dynamic', factor: 2 } }, 'CONFIG_INVALID', /rope_scaling: rope_type is "dynamic"; expected default, linear, llama3 or yarn/],
    [{ rope_scaling: { type: 'longrope', factor: 2 } }, 'CONFIG_INVALID', /type is "longrope"/],
    [{ rope_scaling: { factor: 2 } }, 'CONFIG_INVALID', /rope_type is missing/],
    [{ rope_scaling: { rope_type: 'llama3', factor: 8, low_freq_factor: 4, high_freq_factor: 4 } }, 'CONFIG_INVALID', /high_freq_factor is 4; expected more/],
    [{ tie_word_embeddings: 'no' }, 'CONFIG_INVALID', /tie_word_embeddings is "no"; expected true or false/],
    [{ rms_norm_eps: 0 }, 'CONFIG_INVALID', /rms_norm_eps is 0/],
  ])('refuses %j by name', (changes, code, message) => {
    expect(() => read('llama', changes)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });

  it('any value in any field gives a config with finite frequencies, or a TrtllmError', () => {
    const keys = Object.keys(readJson(join(golden('llama-yarn'), 'config.json'))).filter((key) => key !== 'architectures');
    const scalingKeys = ['rope_type', 'factor', 'original_max_position_embeddings', 'beta_fast', 'beta_slow', 'mscale', 'mscale_all_dim', 'truncate'];
    const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('yarn', 'llama3', 'linear', 0, 1, -1, 2, 3, 1e300, 1e-300));
    const changes = (names: string[]) => fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 });
    fc.assert(
      fc.property(changes(keys), changes(scalingKeys), (top, scaling) => {
        const rope_scaling = { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 128, ...scaling };
        try {
          const config = read('llama-yarn', { rope_scaling, ...top });
          const { inv_freq, attention_factor } = ropeTable(config.rope, config.head_dim);
          expect([...inv_freq, attention_factor].every(Number.isFinite)).toBe(true);
        } catch (error) {
          if (!(error instanceof TrtllmError)) throw error;
        }
      }),
      { numRuns: 1000, seed: 11 },
    );
  });
});
