import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { BenchInput } from '../bench-options.js';
import { answeringAfter, scriptedServer } from '../test-support/scripted-server.js';
import { runSweep } from './run-sweep.js';
import { seriesFile, writeSeries } from './series-file.js';
import { sweepJson } from './sweep-json.js';
import { formatSweep } from './sweep-table.js';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0)) await close();
});

async function quickServer() {
  const server = await scriptedServer(answeringAfter(2));
  cleanUp.push(() => server.close());
  return server;
}

function resultDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'bench-sweep-'));
  cleanUp.push(() => rmSync(dir, { recursive: true }));
  return dir;
}

const GIVEN: BenchInput = { tokenizeOnClient: true, vocabSize: 300, inputLen: 20, outputLen: 2, testInput: false, numPrompts: 6 };

test('levels run in ascending order, the first again at the end, each with texts of its own and a file of its own beside that of all', async () => {
  const { url, bodies } = await quickServer();
  const dir = resultDir();
  const save = { dir, filename: 'all.json', detailed: false, metadata: { build: 'x' } };
  const series = seriesFile(save, 'sweep', 'openai', new Date());
  const seen: string[] = [];
  const sweep = await runSweep('concurrency', [4, 1, 2], { ...GIVEN, baseUrl: url, save }, { onLevel: (level, isAgain) => seen.push(`${level}${isAgain ? ' again' : ''}`) }, series);
  writeSeries(series, sweepJson(sweep));
  expect(seen).toEqual(['1', '2', '4', '1 again']);
  expect(sweep.levels.map(({ report }) => report.peakConcurrency)).toEqual([1, 2, 4]);
  expect(sweep.drift).toBeCloseTo(sweep.again!.report.outputThroughput / sweep.levels[0]!.report.outputThroughput - 1, 12);
  expect(new Set(bodies.map(({ prompt }) => JSON.stringify(prompt))).size).toBe(24);
  const files = ['all-concurrency-1-again', 'all-concurrency-1', 'all-concurrency-2', 'all-concurrency-4'];
  expect(readdirSync(dir).sort()).toEqual([...files.flatMap((name) => [`${name}.json`, `${name}.requests.jsonl`]), 'all.json'].sort());
  const all = JSON.parse(readFileSync(join(dir, 'all.json'), 'utf8'));
  expect(all).toMatchObject({ sweep: 'concurrency', points: [{ level: 1, max_concurrency: 1, completed: 6 }, { level: 2 }, { level: 4, build: 'x' }], again: { level: 1 } });
  expect(JSON.parse(readFileSync(join(dir, 'all-concurrency-2.json'), 'utf8'))).toEqual(expect.objectContaining({ max_concurrency: 2, output_throughput: all.points[1].output_throughput }));
});

test('the table has a row a level and says what drifted', async () => {
  const { url } = await quickServer();
  const sweep = await runSweep('rate', [50, Infinity], { ...GIVEN, baseUrl: url, goodput: { e2el: 10_000 } });
  const text = formatSweep({ ...sweep, drift: 0.08 });
  expect(text).toMatch(/^Request rates \(latencies in ms\)/);
  expect(text.split('\n').filter((line) => /│ (50|inf)/.test(line)).map((line) => line.split('│')[1]!.trim().replace(/ [<!]/g, ''))).toEqual(['50', 'inf', '50 again']);
  expect(text).toContain('goodput');
  expect(text).toContain('Drift: the first level, run again at the end, had its median E2EL 8.0 % higher');
  expect(formatSweep({ ...sweep, drift: -0.02 })).toContain('No drift');
});

test('an abort ends a sweep with the levels that were run', async () => {
  const { url } = await quickServer();
  const stop = new AbortController();
  const sweep = await runSweep('concurrency', [1, 2], { ...GIVEN, baseUrl: url }, { signal: stop.signal, onResult: () => stop.abort() });
  expect(sweep.levels).toHaveLength(1);
  expect(sweep.again).toBeUndefined();
});

test('a sweep that is resumed keeps whole levels of the same settings, runs the others, and shows them all', async () => {
  const { url, bodies } = await quickServer();
  const save = { dir: resultDir(), filename: 'all.json', detailed: false, metadata: {} };
  const series = seriesFile(save, 'sweep', 'openai', new Date());
  const given: BenchInput = { ...GIVEN, baseUrl: url, save };
  const before = await runSweep('concurrency', [1, 2, 4], given, {}, series);
  const cut = join(save.dir, 'all-concurrency-2.json');
  const stored = JSON.parse(readFileSync(cut, 'utf8'));
  writeFileSync(cut, JSON.stringify({ ...stored, trtllm: { ...stored.trtllm, interrupted: true } }));
  bodies.length = 0;
  const seen: string[] = [];
  const after = await runSweep('concurrency', [1, 2, 4, 8], given, { resume: true, onLevel: (level, isAgain) => seen.push(`${level}${isAgain ? ' again' : ''}`) }, series);
  expect(seen).toEqual(['2', '8', '1 again']);
  expect(bodies).toHaveLength(18);
  expect(after.levels.map(({ report }) => report.outputThroughput)).toMatchObject({ 0: before.levels[0]!.report.outputThroughput, 2: before.levels[2]!.report.outputThroughput });
  expect(sweepJson(after)).toMatchObject({ points: [{ level: 1, max_concurrency: 1, completed: 6 }, { level: 2 }, { level: 4 }, { level: 8 }] });
  expect(formatSweep(after).split('\n').filter((line) => /│ \d/.test(line)).map((line) => line.split('│')[1]!.replace(/ [<!]/g, '').trim())).toEqual(['1 kept', '2', '4 kept', '8', '1 again']);
  const rowOf = (sweep: typeof after, level: number): string => formatSweep({ ...sweep, knee: undefined }).split('\n').find((line) => line.startsWith(`│ ${level} `))!.split('│').slice(2).map((cell) => cell.trim()).join(' ');
  expect(rowOf(after, 4)).toBe(rowOf(before, 4));
  expect(after.levels[0]!.kept?.requests).toHaveLength(6);
});

test.each<[string, Partial<BenchInput>, RegExp]>([
  ['other settings', { seed: 5 }, /--resume: .*all-concurrency-1\.json has seed 0, this run 5; give the same flags, or another --result-filename/],
  ['another number of requests', { numPrompts: 7 }, /has num_prompts 6, this run 7/],
])('points of %s are refused by name', async (_, change, message) => {
  const { url } = await quickServer();
  const save = { dir: resultDir(), filename: 'all.json', detailed: false, metadata: {} };
  const series = seriesFile(save, 'sweep', 'openai', new Date());
  await runSweep('concurrency', [1], { ...GIVEN, baseUrl: url, save }, {}, series);
  await expect(runSweep('concurrency', [1, 2], { ...GIVEN, baseUrl: url, save, ...change }, { resume: true }, series)).rejects.toThrow(message);
});
