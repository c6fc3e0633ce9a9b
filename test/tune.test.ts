// trtllm tune, and trtllm-build with timing caches, as a user meets them.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPOSITORY } from './numerics/command.js';
import { STORIES } from './support/engines.js';

const folder = mkdtempSync(join(tmpdir(), 'trtllm-tune-'));
const engine = join(folder, 'engine');
/** Few rows, so that little is timed. */
const BUILD = ['--checkpoint_dir', STORIES, '--max_batch_size', '2', '--max_num_tokens', '4'];

/** Runs a bin of the checkout; never throws. */
async function run(bin: string, ...args: string[]) {
  const { exitCode, stdout, stderr } = await execa(join(REPOSITORY, 'bin', bin), args, { cwd: folder, reject: false });
  return { exitCode, stdout, stderr };
}

const text = (path: string) => readFileSync(path, 'utf8');

beforeAll(async () => {
  expect(await run('trtllm-build', ...BUILD, '--output_dir', engine)).toMatchObject({ exitCode: 0 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('tune', () => {
  it('prints what it found and is quiet in a pipe, then --json tells that all is known', async () => {
    const { exitCode, stdout, stderr } = await run('trtllm', 'tune', engine, '--threads', '1', '--max_seconds', '20', '--output_timing_cache', 'copy.json');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const cache = join(engine, 'timing-cache.json');
    expect(stdout.split('\n').at(-1)).toMatch(/^\d+ linears × rows timed in \d+\.\d s, \d+ faster than their defaults; written to /);
    expect(stdout).toContain(cache);
    expect(text(join(folder, 'copy.json'))).toBe(text(cache));
    const again = JSON.parse((await run('trtllm', 'tune', engine, '--threads', '1', '--max-seconds', '20', '--json')).stdout) as { reused: number };
    expect(again).toMatchObject({ timing_cache: cache, timed: 0, left: 0, reused: expect.any(Number), gains: expect.any(Array) });
    expect(again.reused).toBeGreaterThan(0);
  });

  it.each([
    [['nowhere'], 3, 'nowhere: no such directory'],
    [[STORIES], 5, 'is a checkpoint; give an engine built of it'],
    [['ENGINE', '--max-seconds', '0'], 2, '--max-seconds 0: expected a number from 0.001 to 86400'],
    [['ENGINE', '--force', '--input-timing-cache', 'x.json'], 2, 'cannot also be provided'],
    [['ENGINE', '--isa', 'sse'], 2, '--isa=sse'],
  ])('%j exits with %i and says %s', async (args, exit, message) => {
    const { exitCode, stderr } = await run('trtllm', 'tune', ...args.map((arg) => (arg === 'ENGINE' ? engine : arg)));
    expect(stderr).toContain(message);
    expect(exitCode).toBe(exit);
  });
});

it('trtllm-build reads and writes timing caches', async () => {
  const timed = await run('trtllm-build', ...BUILD, '--output_dir', 'built', '--output_timing_cache', 'built.json');
  expect(timed.exitCode).toBe(0);
  expect(timed.stdout).toMatch(/^engine written to built .*^\d+ linears × rows timed/ms);
  expect(text(join(folder, 'built.json'))).toBe(text(join(folder, 'built/timing-cache.json')));
  const { stdout } = await run('trtllm-build', ...BUILD, '--output_dir', 'again', '--input_timing_cache', 'built.json', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ tactics: { timed: 0, left: 0, timing_cache: join(folder, 'again/timing-cache.json') } });
});
