// The gate on stored results as CI uses it: files in, exit code out.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, it } from 'vitest';
import { REPOSITORY } from './numerics/command.js';

const dir = mkdtempSync(join(tmpdir(), 'bench-gate-'));
afterAll(() => rmSync(dir, { recursive: true }));

const RESULT = { model_id: 'm', num_prompts: 8, completed: 8, failed: 0, duration: 1, total_input_tokens: 64, total_output_tokens: 100, request_throughput: 8, total_token_throughput: 164 };

/** Files of runs with these throughputs. */
const results = (name: string, throughputs: number[]): string[] =>
  throughputs.map((output_throughput, i) => {
    const path = join(dir, `${name}-${i}.json`);
    writeFileSync(path, JSON.stringify({ ...RESULT, output_throughput }));
    return path;
  });

async function gate(baseline: string[], candidate: string[], ...more: string[]) {
  const { exitCode, stdout, stderr } = await execa(join(REPOSITORY, 'bin/trtllm'), ['bench', 'gate', '--baseline', ...baseline, '--candidate', ...candidate, ...more], { reject: false });
  return { exitCode, stdout, stderr, lastLine: stdout.split('\n').at(-1) };
}

const base = results('base', [100, 101, 99, 100.5]);
const same = results('same', [100.4, 99.6, 100.9, 99.8]);
const worse = results('worse', [94, 95, 94.5, 95.5]);
const loud = results('loud', [90, 108, 96, 103]);

it('exits with 0, 1 and 2 for no regression, a regression and what it cannot tell', { timeout: 60_000 }, async () => {
  expect(await gate(base, same, '--threshold', '3%')).toMatchObject({ exitCode: 0, lastLine: expect.stringMatching(/^no regression: candidate is .* 4 and 4 runs, threshold 3 %$/) as string });
  expect(await gate(base, worse, '--threshold', '0.03')).toMatchObject({ exitCode: 1, lastLine: expect.stringMatching(/^regression: candidate is 5\.\d\d % worse in output_throughput/) as string });
  expect(await gate(base, loud)).toMatchObject({ exitCode: 2, lastLine: expect.stringMatching(/^undecided: /) as string });
});

it('tells programs the same', { timeout: 60_000 }, async () => {
  const { exitCode, stdout } = await gate(base, worse, '--json');
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ verdict: 'fail', metric: 'output_throughput', threshold: 0.03, runs: { baseline: 4, candidate: 4 }, figures: [{ loss: expect.closeTo(0.057, 2) as number }, { metric: 'request_throughput', loss: 0 }] });
});

it('names a file that it cannot use', { timeout: 60_000 }, async () => {
  const missing = join(dir, 'missing.json');
  expect(await gate([missing], base)).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(`cannot read ${missing}`) as string });
});
