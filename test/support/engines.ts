// Engines for end-to-end tests, built by the real command line into a temporary folder; once a test file.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const root = new URL('../../', import.meta.url);
export const CLI = fileURLToPath(new URL('packages/cli/bin/trtllm.js', root));
export const STORIES = fileURLToPath(new URL('models/stories260K', root));

export interface TestEngine {
  directory: string;
  remove(): Promise<void>;
}

/** The bundled model: real words, 512 tokens at most. */
export function storiesEngine(): Promise<TestEngine> {
  return build(() => ['--model', STORIES]);
}

/** A random model with the bundled tokenizer that takes some milliseconds a step: its long outputs last seconds. */
export function slowEngine(): Promise<TestEngine> {
  return build(async (folder) => {
    const config = join(folder, 'slow.json');
    await writeFile(config, JSON.stringify(SLOW_SHAPE));
    return ['--config', config, '--dummy-weights', '--tokenizer', STORIES];
  });
}

const SLOW_SHAPE = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 768,
  intermediate_size: 2048,
  num_hidden_layers: 8,
  num_attention_heads: 12,
  num_key_value_heads: 4,
  vocab_size: 512,
  max_position_embeddings: 4096,
  hidden_act: 'silu',
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
  bos_token_id: 1,
  eos_token_id: 2,
};

async function build(source: (folder: string) => string[] | Promise<string[]>): Promise<TestEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'trtllm-e2e-'));
  const directory = join(folder, 'stories260K');
  await execa(process.execPath, [CLI, 'build', ...(await source(folder)), '--output_dir', directory]);
  return { directory, remove: () => rm(folder, { recursive: true, force: true }) };
}
