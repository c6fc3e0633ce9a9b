// With the native tuner, on engines of few weights and few rows.
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildEngine, type BuildRequest } from './build-engine.js';
import type { BuildProgress } from './build-options.js';
import { golden, NATIVE_DIRECTORY, STORIES, temporaryFolder } from './testing/tiny-checkpoint.js';
import { timeTactics, type TacticProgress, type TacticTimings, type TimingRequest } from './time-tactics.js';

const folder = temporaryFolder();
const engine = join(folder, 'engine');
const cache = join(engine, 'timing-cache.json');
let first: TacticTimings;
let counter = 0;

/** A copy of the timed engine. */
function timedEngine(): { engine_dir: string; cache: string } {
  const engine_dir = join(folder, `copy-${(counter += 1)}`);
  cpSync(engine, engine_dir, { recursive: true });
  return { engine_dir, cache: join(engine_dir, 'timing-cache.json') };
}

const build = (request: Partial<BuildRequest> & { output_dir: string }) => buildEngine({ model: STORIES, max_batch_size: 2, max_num_tokens: 4, nativeDirectory: NATIVE_DIRECTORY, ...request });
const tune = (request: Partial<TimingRequest>) => timeTactics({ engine_dir: engine, threads: 1, max_seconds: 20, nativeDirectory: NATIVE_DIRECTORY, ...request });
const text = (path: string) => readFileSync(path, 'utf8');
const refusal = (code: string, message: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(message) });

describe.skipIf(!existsSync(join(NATIVE_DIRECTORY, 'trtllm-tuner')))('timing the tactics of an engine', () => {
  const seen: TacticProgress[] = [];

  beforeAll(async () => {
    await build({ output_dir: engine });
    first = await tune({ onProgress: (progress) => seen.push(progress) });
  });

  it('writes a timing cache into the engine, and tells how far it is', () => {
    expect(first).toMatchObject({ timing_cache: cache, reused: 0, left: 0 });
    expect(first.timed).toBeGreaterThan(0);
    expect(first.gains).toHaveLength(first.changed);
    expect(JSON.parse(text(cache))).toBeTypeOf('object');
    expect(seen.at(-1)!.total).toBe(first.timed);
  });

  it('times nothing again that is in the cache, unless forced', async () => {
    const { engine_dir, cache: copied } = timedEngine();
    expect(await tune({ engine_dir })).toMatchObject({ timed: 0, reused: first.timed, left: 0 });
    expect(text(copied)).toBe(text(cache));
    expect(await tune({ engine_dir, force: true })).toMatchObject({ timed: first.timed, reused: 0 });
  });

  it('takes timings from another file, and leaves a copy where it is told', async () => {
    const [other, output] = [join(folder, 'other'), join(folder, 'caches', 'copy.json')];
    await build({ model: golden('qwen3'), output_dir: other });
    const timings = await tune({ engine_dir: other, input_timing_cache: cache, output_timing_cache: output });
    expect(timings.timed).toBeGreaterThan(0);
    expect(text(output)).toBe(text(timings.timing_cache));
    expect(await tune({ input_timing_cache: output, engine_dir: timedEngine().engine_dir })).toMatchObject({ timed: 0, reused: first.timed });
    expect(readdirSync(join(folder, 'caches'))).toEqual(['copy.json']);
  });

  it('a timing cache that is not there is ignored', async () => {
    expect(await tune({ engine_dir: timedEngine().engine_dir, input_timing_cache: 'nowhere.json' })).toMatchObject({ timed: 0, left: 0 });
  });

  it('a malformed timing cache is refused by name, and the one of the engine stays', async () => {
    const { engine_dir, cache: kept } = timedEngine();
    const malformed = join(folder, 'malformed.json');
    writeFileSync(malformed, '{"entries": 7');
    await expect(tune({ engine_dir, input_timing_cache: malformed })).rejects.toEqual(refusal('TIMING_CACHE_INVALID', /malformed\.json/));
    expect(text(kept)).toBe(text(cache));
    copyFileSync(malformed, kept);
    await expect(tune({ engine_dir })).rejects.toEqual(refusal('TIMING_CACHE_INVALID', /timing-cache\.json/));
    expect(text(kept)).toBe(text(malformed));
  });

  it('a copy that cannot be written is told before anything is timed, or with where the timings are', async () => {
    const { engine_dir } = timedEngine();
    await expect(tune({ engine_dir, output_timing_cache: engine_dir })).rejects.toEqual(refusal('IO_ERROR', /the timings are in .*timing-cache\.json/));
    const onProgress = () => expect.unreachable('timed');
    await expect(tune({ engine_dir, output_timing_cache: join(engine_dir, 'config.json', 'copy.json'), onProgress })).rejects.toEqual(refusal('IO_ERROR', /config\.json: no timing cache can be written there/));
    expect(readdirSync(folder).filter((name) => name.includes('.tmp-'))).toEqual([]);
  });

  it('an abort leaves the timing cache as it was', async () => {
    const { engine_dir } = timedEngine();
    const before = readdirSync(engine_dir);
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error('stopped by a test'));
    await expect(tune({ engine_dir, force: true, onProgress, signal: controller.signal })).rejects.toThrow('stopped by a test');
    expect(readdirSync(engine_dir)).toEqual(before);
    expect(text(join(engine_dir, 'timing-cache.json'))).toBe(text(cache));
  });

  it('a build with a timing cache times its engine when it is in place', async () => {
    const phases = new Set<BuildProgress['phase']>();
    const [output_dir, output_timing_cache] = [join(folder, 'built'), join(folder, 'built.json')];
    const { tactics } = await build({ output_dir, output_timing_cache, onProgress: ({ phase }) => phases.add(phase) });
    expect(tactics!.timed).toBeGreaterThan(0);
    expect(text(output_timing_cache)).toBe(text(join(output_dir, 'timing-cache.json')));
    expect([...phases].at(-1)).toBe('time');
  });

  it('a build that replaces an engine keeps its timings', async () => {
    const output_dir = join(folder, 'replaced');
    const input_timing_cache = join(output_dir, 'timing-cache.json');
    await build({ output_dir, output_timing_cache: join(folder, 'replaced.json') });
    const { tactics } = await build({ output_dir, force: true, input_timing_cache });
    expect(tactics).toMatchObject({ timed: 0, left: 0 });
    expect(text(input_timing_cache)).toBe(text(join(folder, 'replaced.json')));
  });

  it('a build whose timing cache turns out malformed says that the engine is built', async () => {
    const [output_dir, malformed] = [join(folder, 'built-untimed'), join(folder, 'malformed.json')];
    writeFileSync(malformed, '[');
    await expect(build({ output_dir, input_timing_cache: malformed })).rejects.toEqual(
      refusal('TIMING_CACHE_INVALID', /the engine is built; `trtllm tune .*built-untimed`/),
    );
    expect(existsSync(join(output_dir, 'config.json'))).toBe(true);
  });
});

it('a checkpoint, another directory and none are refused', async () => {
  await expect(tune({ engine_dir: STORIES })).rejects.toEqual(refusal('ENGINE_NOT_FOUND', /is a checkpoint; .*trtllm build/));
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  await expect(tune({ engine_dir: empty })).rejects.toThrow(/has no config.json/);
  await expect(tune({ engine_dir: 'nowhere' })).rejects.toThrow(/nowhere: no such directory/);
});
