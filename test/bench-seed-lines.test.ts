// Command lines that people have in their scripts already, unchanged, against `trtllm serve` with a dummy model of 8k context: the concurrency
// loop of TensorRT-LLM's benchmarking tutorial, a wrapper's `-H HOST -p PORT --type ...`, and trtllm-bench's short form.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { REPOSITORY } from './numerics/command.js';
import { STORIES } from './support/engines.js';
import { startServer, type TestServer } from './support/server.js';

const SHAPE = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 32,
  intermediate_size: 64,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  vocab_size: 512,
  max_position_embeddings: 8192,
  hidden_act: 'silu',
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  tie_word_embeddings: true,
  bos_token_id: 1,
  eos_token_id: 2,
};

const folder = mkdtempSync(join(tmpdir(), 'trtllm-bench-lines-'));
const engine = join(folder, 'tiny-8k');
let server: TestServer | undefined;
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function run(line: string, cwd = folder): Promise<string> {
  const [bin, ...args] = line.split(/\s+/);
  const { exitCode, stdout, stderr } = await execa(join(REPOSITORY, 'bin', bin!), args, { cwd, reject: false, env: { TRTLLM_CACHE: join(folder, 'cache') } });
  expect({ line, exitCode, stderr }).toEqual({ line, exitCode: 0, stderr });
  return stdout;
}

beforeAll(async () => {
  writeFileSync(join(folder, 'config.json'), JSON.stringify(SHAPE));
  await run(`trtllm build --config config.json --dummy-weights --tokenizer ${STORIES} --output_dir ${engine}`);
  server = await startServer(engine);
}, 120_000);

it('the concurrency loop of the tutorial', { timeout: 120_000 }, async () => {
  const { port } = new URL(server!.url);
  for (const concurrency of [1, 2]) {
    const stdout = await run(
      `trtllm bench --port ${port} --model ${engine} --backend openai --dataset-name random --random-input-len 96 --random-output-len 16 --random-prefix-len 0 ` +
        `--num-prompts ${5 * concurrency} --max-concurrency ${concurrency} --ignore-eos --save-result --result-dir ${folder}/results ` +
        `--result-filename concurrency_${concurrency}.json --percentile-metrics ttft,tpot,itl,e2el`,
    );
    for (const row of ['Successful requests:', 'Mean TTFT (ms):', 'Mean TPOT (ms):', 'P99 E2EL (ms):', 'User throughput (tok/s):']) expect(stdout).toContain(row);
    const result = JSON.parse(readFileSync(join(folder, `results/concurrency_${concurrency}.json`), 'utf8'));
    expect(result).toMatchObject({ completed: 5 * concurrency, failed: 0, max_concurrency: concurrency, total_input_tokens: 96 * 5 * concurrency, total_output_tokens: 16 * 5 * concurrency, tokenizer_id: engine });
    // A point does not find the texts of the one before in the server's cache.
    expect(result.trtllm.cached_tokens).toBe(0);
    expect(result.mean_e2el_ms).toBeGreaterThanOrEqual(result.mean_ttft_ms);
  }
});

it('the types by host and port alone: model and tokenizer are what the server says', { timeout: 120_000 }, async () => {
  const { hostname, port } = new URL(server!.url);
  const stdout = await run(`trtllm bench -H ${hostname} -p ${port} -i some/image:tag --type throughput,prefill --num-prompts 1`);
  for (const point of ['512-256', 'in-128', 'in-512', 'in-2048', 'in-4096']) expect(stdout).toMatch(new RegExp(`│ ${point}( 1\\))? +│ +1 │ +0 │`));
});

it("trtllm-bench's short form, and its own with a data set", { timeout: 120_000 }, async () => {
  expect(await run(`trtllm-bench --model ${engine} --dataset-type synthetic --num-requests 100 --no-roofline`)).toMatch(/Number of requests: +100\n/);
  const elsewhere = join(folder, 'elsewhere');
  mkdirSync(elsewhere);
  await run(`trtllm-bench --model ${engine} prepare-dataset --output data.jsonl token-unif-dist --num-requests 6 --input-min 16 --input-max 32 --output-min 4 --output-max 8`, elsewhere);
  expect(await run(`trtllm-bench --model tiny --model_path ${engine} throughput --dataset data.jsonl --backend pytorch --streaming --report_json report.json --tp 1 --no-roofline`, elsewhere)).toContain('[TPOT] P99');
  expect(JSON.parse(readFileSync(join(elsewhere, 'report.json'), 'utf8'))).toMatchObject({ engine: { model: 'tiny' }, request_info: { num_requests: 6 } });
});
