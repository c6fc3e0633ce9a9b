import { describe, expect, it } from 'vitest';
import { parseEngineManifest, type EngineManifest } from './engine-manifest.js';

const MANIFEST: EngineManifest = {
  version: '0.1.0',
  pretrained_config: {
    architecture: 'LlamaForCausalLM', dtype: 'bfloat16', vocab_size: 320, hidden_size: 64, intermediate_size: 160, num_hidden_layers: 3,
    num_attention_heads: 4, num_key_value_heads: 2, head_size: 16, max_position_embeddings: 512, hidden_act: 'silu', norm_epsilon: 1e-5,
    position_embedding_type: 'rope_gpt_neox', rotary_base: 10_000, tie_word_embeddings: false,
    mapping: { world_size: 1, tp_size: 1, pp_size: 1 }, quantization: { quant_algo: null, kv_cache_quant_algo: null },
  },
  build_config: { max_batch_size: 64, max_num_tokens: 2048, max_seq_len: 512, max_beam_width: 1, tokens_per_block: 32 },
  trtllm: {
    format_version: 1, builder_version: '0.1.0', backend: 'cpu', model_name: 'm', graph_sha256: 'a', source_sha256: 'b', num_parameters: 1,
    weight_bytes: 2, rank_files: [{ file: 'rank0.engine', bytes: 3 }], has_tokenizer: false, eos_token_ids: [2], bos_token_id: null, synthetic: false,
  },
};

const ours = (changes: object) => JSON.stringify({ ...MANIFEST, trtllm: { ...MANIFEST.trtllm, ...changes } });

describe('engine manifest', () => {
  it('parses to what was written', () => {
    expect(parseEngineManifest(JSON.stringify(MANIFEST), 'config.json')).toEqual(MANIFEST);
  });

  it('another format version is refused with both numbers', () => {
    expect(() => parseEngineManifest(ours({ format_version: 2, backend: 'gpu' }), 'E/config.json')).toThrow(/E\/config.json has engine format version 2, expected 1/);
  });

  it.each([
    ['{', /config.json is not JSON/],
    ['null', /config.json/],
    [ours({ eos_token_ids: [-1] }), /trtllm.eos_token_ids.0/],
    [ours({ rank_files: [{ file: '../rank0.engine', bytes: 3 }] }), /trtllm.rank_files.0.file/],
    [ours({ rank_files: [] }), /trtllm.rank_files/],
  ])('refuses %s', (text, message) => {
    expect(() => parseEngineManifest(text, 'config.json')).toThrow(expect.objectContaining({ code: 'ENGINE_INVALID', message: expect.stringMatching(message) }));
  });
});
