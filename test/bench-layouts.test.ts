// A real result file, read by a script that shares nothing with its writer and knows only vLLM's and TensorRT-LLM's layouts.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPOSITORY } from './numerics/command.js';
import { completionsServer, SMALL_LOAD, type Completions } from './support/completions.js';
import { programOf } from './support/programs.js';

const python = programOf(['python3'], "result files in vLLM's and TensorRT-LLM's layouts");
const folder = mkdtempSync(join(tmpdir(), 'bench-layouts-'));
let server: Completions | undefined;
let path = '';

beforeAll(async () => {
  if (python === undefined) return;
  // Two of thirty fail, so that failures are in the arrays.
  server = await completionsServer((n) => n === 5 || n === 17);
  const figures = ['--percentile-metrics', 'ttft,tpot,itl,e2el', '--metric-percentiles', '25,50,99,99.9', '--goodput', 'ttft:500', '--force'];
  const files = ['--save-result', '--save-detailed', '--result-dir', folder, '--report', join(folder, 'junit.xml')];
  await execa(join(REPOSITORY, 'bin/trtllm'), ['bench', '--base-url', server.url, ...SMALL_LOAD, '--num-prompts', '30', '--max-concurrency', '4', ...figures, ...files], { reject: false });
  path = join(folder, readdirSync(folder).find((name) => name.endsWith('.json'))!);
}, 120_000);
afterAll(() => {
  server?.close();
  rmSync(folder, { recursive: true });
});

const read = (file: string) => execa(python!, [join(REPOSITORY, 'tools/check_result_layout.py'), file], { reject: false });

function changed(name: string, change: (result: Record<string, any>) => void): string {
  const result = JSON.parse(readFileSync(path, 'utf8'));
  change(result);
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(result));
  return file;
}

describe.skipIf(python === undefined)('the script', () => {
  it('reads a result as both tools and finds every figure to follow from the arrays', async () => {
    const { exitCode, stdout } = await read(path);
    expect(stdout).toMatch(/as vLLM: readable, 43 figures recomputed\n.*as TensorRT-LLM: readable, 43 figures recomputed$/);
    expect(exitCode).toBe(0);
  });

  it('finds a key that is missing, says which percentiles are null, finds a figure that does not follow, and latencies of a failed request', async () => {
    const missing = await read(changed('missing', (result) => delete result['user_throughput']));
    expect(missing).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/as vLLM: readable.*as TensorRT-LLM: NOT readable.*\n  user_throughput: missing/s) });
    const refused = await read(changed('refused', (result) => (result['p99_ttft_ms'] = null)));
    expect(refused).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('readable, 42 figures recomputed, null: p99_ttft_ms') });
    const wrong = await read(changed('wrong', (result) => (result['p99.9_itl_ms'] *= 1.001)));
    expect(wrong).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('p99.9_itl_ms: ') });
    const failed = await read(changed('failed', (result) => (result['ttfts'][result['errors'].findIndex((error: string) => error !== '')] = 0.1)));
    expect(failed).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('but has latencies') });
  });

  it("finds the JUnit file well-formed, by Python's parser", async () => {
    // Requests failed, and therefore the run is not believable either.
    const script = 'import sys, xml.etree.ElementTree as tree; root = tree.parse(sys.argv[1]).getroot(); print(root.get("failures"), root.find(".//failure").get("message"))';
    const { stdout } = await execa(python!, ['-c', script, join(folder, 'junit.xml')]);
    expect(stdout).toBe('2 2 of 30 requests failed');
  });
});
