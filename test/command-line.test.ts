// The command line as a user meets it: spellings, aliases, refusals with their exit codes, nothing half-written.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPOSITORY } from './numerics/command.js';

const MODEL = join(REPOSITORY, 'models/stories260K');
const folder = mkdtempSync(join(tmpdir(), 'trtllm-command-line-'));
const engine = join(folder, 'engine');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a bin of the checkout; never throws. */
async function run(bin: string, ...args: string[]) {
  const { exitCode, stdout, stderr } = await execa(join(REPOSITORY, 'bin', bin), args, { cwd: folder, reject: false });
  return { exitCode, stdout, stderr };
}

function checkpointCopy(name: string): string {
  const copy = join(folder, name);
  cpSync(MODEL, copy, { recursive: true });
  return copy;
}

beforeAll(async () => {
  expect(await run('trtllm-build', '--checkpoint_dir', MODEL, '--output-dir', engine, '--gemm_plugin', 'auto', '--tp_size', '1')).toMatchObject({ exitCode: 0 });
});

describe('build', () => {
  it('took the reference tool’s spelling of flags and its plugins', () => {
    expect(JSON.parse(readFileSync(join(engine, 'config.json'), 'utf8'))).toMatchObject({ pretrained_config: { architecture: 'LlamaForCausalLM' } });
  });

  it('prints its plan and writes nothing with --dry-run', async () => {
    const output = join(folder, 'dry');
    const { exitCode, stdout } = await run('trtllm', 'build', '--model', MODEL, '--output_dir', output, '--dry-run');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('layers.0.mlp.gate_up');
    expect(existsSync(output)).toBe(false);
  });

  it('gives the same bytes for the same input', async () => {
    const again = join(folder, 'again');
    await run('trtllm', 'build', '--model', MODEL, '--output_dir', again);
    for (const file of readdirSync(engine)) expect(readFileSync(join(again, file)).equals(readFileSync(join(engine, file))), file).toBe(true);
  });

  it('does not touch an existing engine without --force', async () => {
    const { exitCode, stderr } = await run('trtllm', 'build', '--model', MODEL, '--output_dir', engine);
    expect(exitCode).toBe(4);
    expect(stderr).toContain('[OUTPUT_EXISTS]');
  });

  it('refuses a truncated checkpoint by name and leaves nothing', async () => {
    const model = checkpointCopy('truncated');
    truncateSync(join(model, 'model.safetensors'), 100_000);
    const output = join(folder, 'from-truncated');
    const { exitCode, stderr } = await run('trtllm', 'build', '--model', model, '--output_dir', output);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('model.safetensors');
    expect(readdirSync(folder).filter((name) => name.startsWith('from-truncated'))).toEqual([]);
  });

  it('refuses an unknown architecture and lists the known ones', async () => {
    const model = checkpointCopy('unknown');
    const config = JSON.parse(readFileSync(join(model, 'config.json'), 'utf8')) as Record<string, unknown>;
    writeFileSync(join(model, 'config.json'), JSON.stringify({ ...config, architectures: ['MambaForCausalLM'], model_type: 'mamba' }));
    const { exitCode, stderr } = await run('trtllm', 'build', '--model', model, '--output_dir', join(folder, 'x'));
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/Mamba.*LlamaForCausalLM/s);
  });

  it('works without tokenizer files: ids in, ids out, text null', async () => {
    const model = checkpointCopy('bare');
    for (const file of ['tokenizer.json', 'tokenizer_config.json']) rmSync(join(model, file));
    const bare = join(folder, 'bare-engine');
    await run('trtllm', 'build', '--model', model, '--output_dir', bare);
    const { stdout } = await run('trtllm', 'generate', bare, '--input-ids', '[[1,403,407]]', '--max-tokens', '3', '--json');
    const { outputs } = JSON.parse(stdout) as { outputs: { token_ids: number[]; text: null }[] };
    expect(outputs[0]).toMatchObject({ text: null, prompt_token_ids: [1, 403, 407], finish_reason: 'length' });
    expect(outputs[0]!.token_ids).toHaveLength(3);
    const refused = await run('trtllm', 'generate', bare, '--prompt', 'text');
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('no tokenizer');
  });

  it('makes an engine of any shape with synthetic weights, the same for the same seed', async () => {
    const shape = join(folder, 'shape.json');
    const config = { architectures: ['Qwen3ForCausalLM'], model_type: 'qwen3', hidden_size: 96, intermediate_size: 200, num_hidden_layers: 2, num_attention_heads: 3, num_key_value_heads: 1, head_dim: 32, vocab_size: 333, max_position_embeddings: 256, hidden_act: 'silu', rms_norm_eps: 1e-6, rope_theta: 1e6, tie_word_embeddings: false };
    writeFileSync(shape, JSON.stringify(config));
    const bytes: Buffer[] = [];
    for (const [name, seed] of [['s7', '7'], ['s7-again', '7'], ['s8', '8']] as const) {
      const { exitCode } = await run('trtllm', 'build', '--config', shape, '--dummy-weights', '--seed', seed, '--output_dir', join(folder, name));
      expect(exitCode).toBe(0);
      // Behind the header, which holds the manifest's hash.
      bytes.push(readFileSync(join(folder, name, 'rank0.engine')).subarray(4096));
    }
    expect(bytes[0]!.equals(bytes[1]!)).toBe(true);
    expect(bytes[0]!.equals(bytes[2]!)).toBe(false);
  });
});

describe('refusals', () => {
  it.each([
    [['serve', 'nowhere'], 3, 'CHECKPOINT_NOT_FOUND'],
    [['build', '--model', 'nowhere', '--output_dir', 'x'], 3, 'CHECKPOINT_NOT_FOUND'],
    [['inspect', REPOSITORY], 3, ''],
    [['generate', 'ENGINE'], 2, 'BAD_FLAG'],
    [['generate', 'ENGINE', '--input-ids', '[[1,-2]]'], 2, 'BAD_FLAG'],
    [['generate', 'ENGINE', '--input-ids', '[[99999]]'], 2, 'REQUEST_INVALID'],
    [['generate', 'ENGINE', '--input-ids', '[[1]]', '--max-tokens', '100000'], 2, 'REQUEST_TOO_LONG'],
    [['generate', 'ENGINE', '--prompt', 'x', '--temperature', 'nan'], 2, 'BAD_FLAG'],
    [['serve', 'ENGINE', '--tp_size', '2'], 2, 'BAD_FLAG'],
    [['serve', 'ENGINE', '--reasoning_parser', 'qwen3'], 2, 'BAD_FLAG'],
    [['bench', '--base-url', 'http://127.0.0.1:9', '--tokenizer', 'ENGINE', '--num-prompts', '1'], 11, 'SERVER_UNREACHABLE'],
    [['bench', '--percentile-metrics', 'tpt'], 2, 'BAD_FLAG'],
    [['bench', '--port', 'x'], 2, 'Expected an integer but received: x (trtllm bench --help lists all) [BAD_FLAG]'],
    [['bench', '--dataset-name', 'random', '--hf-subset', 'x'], 2, 'trtllm bench: --hf-subset x is not supported yet; leave it out [BAD_FLAG]'],
    [['bench', '--base-url', 'http://127.0.0.1:9', '--trust-remote-code', '--use-beam-search', '--tokenizer_mode', 'auto', '--download-timeout', '9', '-i', 'x'], 11, 'SERVER_UNREACHABLE'],
  ])('trtllm %j exits with %i and says %s', async (args, exit, code) => {
    const { exitCode, stderr } = await run('trtllm', ...args.map((arg) => (arg === 'ENGINE' ? engine : arg)));
    expect(stderr).toContain(code);
    expect(exitCode).toBe(exit);
  });

  it('an unknown flag is named', async () => {
    const { exitCode, stderr } = await run('trtllm', 'serve', engine, '--no-such-flag');
    expect(exitCode).toBe(2);
    expect(stderr).toBe('error: Nonexistent flag: --no-such-flag (trtllm serve --help lists all) [BAD_FLAG]');
    expect((await run('trtllm', 'bench', '--num_promts', '3')).stderr).toContain('--num-promts; did you mean --num-prompts?');
  });

  it('--json puts the error on stdout as one object', async () => {
    const { exitCode, stdout } = await run('trtllm', 'inspect', 'nowhere', '--json');
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: expect.any(String), message: expect.stringContaining('nowhere') } });
  });

  it('an engine whose file was changed is refused', async () => {
    const changed = join(folder, 'changed');
    cpSync(engine, changed, { recursive: true });
    const manifest = readFileSync(join(changed, 'config.json'), 'utf8');
    writeFileSync(join(changed, 'config.json'), manifest.replace('"max_batch_size": 64', '"max_batch_size": 65'));
    const { exitCode, stderr } = await run('trtllm', 'generate', changed, '--prompt', 'x');
    expect(exitCode).toBe(5);
    expect(stderr).toContain('[ENGINE_INVALID]');
  });

  it('an engine of another format version is refused, naming both versions', async () => {
    const other = join(folder, 'other-version');
    cpSync(engine, other, { recursive: true });
    const manifest = readFileSync(join(other, 'config.json'), 'utf8');
    writeFileSync(join(other, 'config.json'), manifest.replace('"format_version": 1', '"format_version": 9'));
    const { exitCode, stderr } = await run('trtllm', 'serve', other, '--port', '0');
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(/9.*1/s);
    expect(stderr).toContain('[ENGINE_VERSION]');
  });
});

describe('inspect', () => {
  it('prints an engine and a checkpoint', async () => {
    expect((await run('trtllm', 'inspect', engine, '--tensors')).stdout).toContain('tile16');
    const { stdout } = await run('trtllm', 'inspect', MODEL, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'checkpoint', architecture: 'LlamaForCausalLM', num_parameters: 260_032 });
  });
});

describe('roofline', () => {
  it('prints what the machine can do', async () => {
    const { exitCode, stdout } = await run('trtllm-bench', '--type', 'roofline', '--seconds', '0.2', '--json');
    expect(exitCode).toBe(0);
    const { arithmetic, read } = JSON.parse(stdout) as { arithmetic: { gflops: number }[]; read: { level: string; gbytes_per_second: number }[] };
    expect(arithmetic.every(({ gflops }) => gflops > 0.1)).toBe(true);
    expect(read.find(({ level }) => level === 'DRAM')!.gbytes_per_second).toBeGreaterThan(0.1);
  });
});

describe('bench', () => {
  it.each([
    [['bench', '--type', 'throughput,latenzy'], /--type throughput,latenzy: expected some of throughput,prefill/],
    [['bench', 'ab', '--a', 'http://localhost:1', '--b', 'http://localhost:2', '--threshold', '0'], /--threshold 0: expected a share such as 3% or 0.03/],
    [['bench', 'ab', '--a', 'http://localhost:1'], /--b: expected a URL, or --b-command/],
    [['bench', '--max-concurrency', '1-64'], /--max-concurrency 1-64: expected a range such as 1-9:2 or 1-64:x2/],
    [['bench', '--max-concurrency', '1,2', '--request-rate', '1,2'], /--max-concurrency and --request-rate: one of them may have several levels/],
    [['bench', 'ab', '--a', 'http://localhost:1', '--b', 'http://localhost:2', '--max-concurrency', '1,2'], /--max-concurrency 1,2: expected one level here, found 2/],
    [['bench', '--search', 'rate', '--slo', 'ttft:500'], /--slo ttft:500: expected KEY:pP:MS such as ttft:p99:500/],
    [['bench', '--slo', 'ttft:p99:500'], /--slo: say with --search rate or --search concurrency what is sought/],
    [['bench', '--report', 'report.pdf'], /--report report\.pdf: expected a name that ends in \.html, \.md, \.csv, \.xml/],
    [['bench', 'report', join(REPOSITORY, 'package.json'), '--output', 'report.html'], /package\.json: expected a result of trtllm bench, vllm bench serve or benchmark_serving; num_prompts/],
  ])('%j is refused with what was expected', async (args, message) => {
    const { exitCode, stderr } = await run('trtllm', ...args);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  it('serve is the bench itself, with the short flags of the server', async () => {
    const { exitCode, stderr } = await run('trtllm', 'bench', 'serve', '-H', '127.0.0.1', '-p', '1', '--tokenizer', engine, '--num-prompts', '1');
    expect(stderr).toContain('http://127.0.0.1:1');
    expect(exitCode).toBe(11);
  });
});
