// The static benchmarks end to end on the bundled model: build, dataset file, report sections, result files, refusals.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPOSITORY } from './numerics/command.js';

const folder = mkdtempSync(join(tmpdir(), 'trtllm-static-bench-'));
const STORIES = join(REPOSITORY, 'models/stories260K');
const engine = join(folder, 'stories/tp_1_pp_1');
const dataset = join(folder, 'dataset.jsonl');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(bin: string, ...args: string[]) {
  const { exitCode, stdout, stderr } = await execa(join(REPOSITORY, 'bin', bin), args, { cwd: folder, reject: false, env: { TRTLLM_CACHE: join(folder, 'cache') } });
  return { exitCode, stdout, stderr };
}
const json = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

beforeAll(async () => {
  const built = await run('trtllm-bench', '--model', 'stories', '--model_path', STORIES, '--workspace', folder, 'build', '-tp', '1', '--max_seq_len', '256');
  expect(built).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/= ENGINE BUILD INFO\n.*= ENGINE CONFIGURATION DETAILS\n.*Max Sequence Length: 256\n.*ENGINE SAVED: .*tp_1_pp_1$/s) });
  const lengths = ['--input-mean', '12', '--input-stdev', '3', '--output-mean', '8', '--output-stdev', '0'];
  expect(await run('trtllm-bench', '--model', engine, 'prepare-dataset', '--output', dataset, 'token-norm-dist', '--num-requests', '12', ...lengths)).toMatchObject({ exitCode: 0 });
});

describe('throughput', () => {
  it('runs a dataset file with the reference tool’s command line and writes its files', async () => {
    const files = ['--report_json', 'report.json', '--request_json', 'requests.json', '--output_json', 'outputs.json', '--iteration_log', 'iterations.jsonl', '--report', 'report.html', '--report', 'report.csv'];
    const { exitCode, stdout, stderr } = await run('trtllm-bench', '--model', 'stories', 'throughput', '--engine_dir', engine, '--dataset', dataset, '--streaming', '--concurrency', '4', '--threads', '1', ...files);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const titles = stdout.split('\n').filter((line) => line.startsWith('= '));
    expect(titles).toEqual(['= ENGINE DETAILS', '= MACHINE DETAILS', '= REQUEST DETAILS', '= WORLD + RUNTIME INFORMATION', '= PERFORMANCE OVERVIEW', '= DATASET DETAILS', "= SHARE OF THE MACHINE'S LIMIT"]);
    expect(stdout).toMatch(/Total Output Throughput \(tokens\/sec\): +\d+\.\d{4} +\(\d+\.\d % of limit: .*\/s\)/);
    expect(stdout).toMatch(/KV Block Reuse: +off/);
    expect(stdout).toMatch(/whole run .* %/);

    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('<h1>Throughput of stories, without a server</h1>');
    expect(readFileSync(join(folder, 'report.csv'), 'utf8').split('\n')[1]).toMatch(/^throughput,stories,/);

    const report = json('report.json');
    expect(report.request_info).toMatchObject({ num_requests: 12, avg_output_length: 8 });
    expect(report.request_info.avg_num_concurrent_requests).toBeLessThanOrEqual(4.001);
    expect(report.streaming_metrics.avg_ttft_ms).toBeGreaterThan(0);
    for (const share of ['whole', 'request', 'prefill']) {
      expect(report.trtllm.limit_shares[share].fraction).toBeGreaterThan(0);
      expect(report.trtllm.limit_shares[share].fraction).toBeLessThan(1);
    }
    expect(report.dataset.osl_stats).toMatchObject({ minimum: 8, maximum: 8 });

    const requests = json('requests.json');
    expect(requests).toHaveLength(12);
    for (const { output_tokens, start_timestamp, first_token_timestamp, end_timestamp } of requests) {
      expect(output_tokens).toHaveLength(8);
      expect(start_timestamp).toBeLessThan(first_token_timestamp);
      expect(first_token_timestamp).toBeLessThanOrEqual(end_timestamp);
    }
    expect(Object.keys(json('outputs.json'))).toHaveLength(12);
    const iterations = readFileSync(join(folder, 'iterations.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    // Two warm-up requests and twelve more make a token in a prompt's step and seven in others; the last step is there too.
    const decoded = iterations.reduce((sum, { inflightBatchingStats: batch }) => sum + batch.numGenRequests, 0);
    expect(decoded).toBe(14 * 7);
    expect(iterations.at(-1)).toMatchObject({ numActiveRequests: 0, numQueuedRequests: 0 });
  });

  it('prints a line a step where that is wanted, by flag or options file', async () => {
    writeFileSync(join(folder, 'options.yaml'), 'print_iter_log: true\n');
    for (const more of [['--print_iter_log'], ['--extra_llm_api_options', 'options.yaml', '--iteration_log', 'both.jsonl']]) {
      const { exitCode, stderr } = await run('trtllm-bench', '--model', 'stories', 'throughput', '--engine_dir', engine, '--dataset', dataset, '--num_requests', '1', '--warmup', '0', '--threads', '1', '--no-roofline', ...more);
      expect(exitCode).toBe(0);
      const lines = stderr.split('\n');
      // The prompt's step makes the first of 8 tokens.
      expect(lines.filter((line) => /^iter = \d+, global_rank = 0, rank = 0, currank_total_requests = [01]\/[01], host_step_time = [\d.]+ms, prev_device_step_time = .*'num_generation_tokens': [01]\}$/.test(line))).toHaveLength(8);
    }
    expect(readFileSync(join(folder, 'both.jsonl'), 'utf8').trim().split('\n')).toHaveLength(8);
  });

  it('takes the short form, a checkpoint, and a weight format for it', async () => {
    const { exitCode, stdout } = await run('trtllm-bench', '--model', STORIES, '--qformat', 'int8_dyn', '--dataset-type', 'synthetic', '--num-requests', '5', '--target-output-len', '4', '--no-roofline', '--threads', '1', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ request_info: { num_requests: 5, avg_input_length: 128, avg_output_length: 4 }, engine: { model: 'stories260K', quantization: 'W8A8_SQ_PER_CHANNEL_PER_TOKEN_PLUGIN' }, trtllm: { kind: 'throughput', limits: null } });
  });
});

describe('latency', () => {
  it('runs one request at a time, and tells first tokens apart', async () => {
    const { exitCode, stdout } = await run('trtllm', 'bench', 'latency', '--engine-dir', engine, '--dataset', dataset, '--num-requests', '3', '--warmup', '1', '--threads', '1', '--no-roofline', '--json');
    expect(exitCode).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.world_info.max_batch_size).toBe(1);
    expect(report.request_info.avg_num_concurrent_requests).toBeLessThanOrEqual(1);
    expect(Object.keys(report.streaming_metrics)).toEqual(['token_output_speed_tok_s', 'avg_ttft_ms', 'avg_tpot_ms', 'tpot_percentiles', 'ttft_percentiles', 'gen_tps_percentiles']);
    expect(report.performance.avg_request_latency_ms).toBeGreaterThanOrEqual(report.streaming_metrics.avg_ttft_ms);
    expect(report.trtllm).toMatchObject({ kind: 'latency', limit_shares: null });
  });
});

it('a recorded data set becomes a file of token ids that a run takes', async () => {
  writeFileSync(join(folder, 'tales.jsonl'), ['Once upon a time', 'There was a cat'].map((text) => JSON.stringify({ text, answer: 'a dog and a cat' })).join('\n'));
  const prepared = await run('trtllm-bench', '--model', engine, 'prepare-dataset', '--output', 'tales.json', 'real-dataset', '--dataset-name', 'tales.jsonl', '--dataset-prompt', 'Tell:', '--dataset-input-key', 'text', '--dataset-output-key', 'answer', '--num-requests', '3');
  expect(prepared).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('the data set has 2 of the 3 requests asked for') });
  expect(await run('trtllm-bench', '--model', engine, 'latency', '--dataset', 'tales.json', '--no-roofline')).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/Number of requests: +2\n/) });
});

describe('refusals', () => {
  it.each([
    ['no engine', ['throughput', '--dataset', dataset], /give an engine with --engine-dir/],
    ['a format for what is built already', ['throughput', '--engine-dir', engine, '--qformat', 'w4a8'], /is an engine, whose weights are stored already/],
    ['a broken line', ['latency', '--engine-dir', engine, '--dataset', 'broken.jsonl'], /broken.jsonl:1: not JSON/],
    ['a request longer than the engine', ['throughput', '--engine-dir', engine, '--dataset-type', 'synthetic', '--target-input-len', '4000'], /4000 \+ 128 tokens are more than the engine's/],
  ])('%s', async (_, args, message) => {
    writeFileSync(join(folder, 'broken.jsonl'), 'nonsense\n');
    const { exitCode, stderr } = await run('trtllm', 'bench', ...args);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('a file that cannot be written, before anything is measured', async () => {
    const { exitCode, stderr } = await run('trtllm', 'bench', 'latency', '--engine-dir', 'nowhere', '--dataset', dataset, '--report-json', 'no/such/folder.json');
    expect(exitCode).toBe(4);
    expect(stderr).toContain('no/such/folder.json: cannot be written');
  });
});
