import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFakeEngine } from './testing/fake-engine.js';
import { resolveRuntimeConfig } from './runtime-config.js';

const engine = makeFakeEngine();
afterAll(engine.remove);
const { engineDirectory, nativeDirectory } = engine;

describe('resolveRuntimeConfig', () => {
  it('lets the options file win over flags', async () => {
    const file = join(nativeDirectory, 'options.yaml');
    writeFileSync(file, 'max_batch_size: 2\nkv_cache_config: {max_tokens: 64}\n');
    const options = { nativeDirectory, max_batch_size: 16, max_seq_len: 100, kv_cache_free_gpu_memory_fraction: 0.5, config: file };
    const config = await resolveRuntimeConfig(engineDirectory, options);
    expect(config.worker).toMatchObject({ max_batch_size: 2, max_seq_len: 100, kv_fraction: 0.5, kv_max_tokens: 64 });
    expect(config).toMatchObject({ model_name: 'parrot', eos_token_ids: [2], bos_token_id: 1, tokenizerDirectory: engineDirectory });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('refuses what is no engine, or one of another format', async () => {
    await expect(resolveRuntimeConfig('/nowhere', { nativeDirectory })).rejects.toMatchObject({ code: 'ENGINE_NOT_FOUND' });
    await expect(resolveRuntimeConfig(nativeDirectory, { nativeDirectory })).rejects.toMatchObject({ code: 'ENGINE_NOT_FOUND' });
    const other = makeFakeEngine();
    writeFileSync(join(other.engineDirectory, 'config.json'), '{"trtllm":{"format_version":2}}');
    await expect(resolveRuntimeConfig(other.engineDirectory, { nativeDirectory })).rejects.toThrow(
      'has engine format version 2, this runtime reads 1; rebuild the engine',
    );
    other.remove();
  });

  it('refuses an options file that is not there', async () => {
    await expect(resolveRuntimeConfig(engineDirectory, { nativeDirectory, config: '/nowhere.yaml' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});
