// The search over real runs. How long a reply takes is up to the machine, so limits here are ones that anything keeps, or nothing.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { BenchInput } from '../bench-options.js';
import { seriesFile, writeSeries } from '../sweep/series-file.js';
import { answeringAfter, serverFor } from '../test-support/scripted-server.js';
import { searchServer } from './search-server.js';
import { formatSearch, searchJson } from './search-text.js';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0)) await close();
});

const GIVEN: BenchInput = { tokenizeOnClient: true, vocabSize: 300, inputLen: 20, outputLen: 2, testInput: false, numPrompts: 20 };
const COMMON = { maxProbes: 8, precision: 0.03 };
const slo = (limitMs: number) => [{ metric: 'e2el', percent: 75, limitMs }] as const;

test('a limit that no concurrency keeps is told, each run is a file, and one has all', async () => {
  const { url, bodies } = await serverFor(answeringAfter(5));
  const dir = mkdtempSync(join(tmpdir(), 'bench-search-'));
  cleanUp.push(() => rmSync(dir, { recursive: true }));
  const save = { dir, filename: 'found.json', detailed: false, metadata: {} };
  const series = seriesFile(save, 'search', 'openai', new Date());
  const result = await searchServer({ ...COMMON, over: 'concurrency', slos: slo(1), range: { lowest: 1, highest: 64 }, probe: { ...GIVEN, baseUrl: url, save } }, {}, series);
  expect(result).toMatchObject({ isAtEnd: 'lowest', capacity: undefined });
  expect(result.reports.length).toBeLessThanOrEqual(8);
  expect(result.reports.at(-1)).toMatchObject({ load: 1, report: { peakConcurrency: 1 } });
  expect(formatSearch(result)).toContain('No load keeps E2EL p75 <= 1 ms');
  expect(new Set(bodies.map(({ prompt }) => JSON.stringify(prompt))).size).toBe(bodies.length);
  writeSeries(series, searchJson(result));
  const all = JSON.parse(readFileSync(join(dir, 'found.json'), 'utf8'));
  expect(all).toMatchObject({ search: 'concurrency', at_end: 'lowest', slos: [{ metric: 'e2el', percent: 75, limitMs: 1 }] });
  expect(readdirSync(dir).filter((name) => /^found-probe-\d+\.json$/.test(name))).toHaveLength(all.points.length);
});

test('a rate begins with the capacity, by all requests at once, and that run counts', async () => {
  const { url } = await serverFor(answeringAfter(20));
  const loads: number[] = [];
  const result = await searchServer({ ...COMMON, maxProbes: 4, over: 'rate', slos: slo(60_000), probe: { ...GIVEN, baseUrl: url, maxConcurrency: 4 } }, { onProbe: (load) => loads.push(load) });
  expect(loads[0]).toBe(Infinity);
  expect(loads.length).toBeLessThanOrEqual(4);
  expect(result.capacity).toBeGreaterThan(5);
  expect(result.capacity).toBeLessThan(400); // 4 every 20 ms, twice: timers of Node count from when its loop woke, and fire some ms early on a busy machine
  expect(result.reports[1]!.report.options.requestRate).toBe(loads[1]);
  expect(formatSearch(result)).toMatch(/^All at once: [\d.]+ req\/s\./);
});

test('requests that fail are slower than any', async () => {
  const { url } = await serverFor((_, reply) => void reply.writeHead(503).end('{"error":"busy"}'));
  const result = await searchServer({ ...COMMON, over: 'concurrency', slos: slo(60_000), range: { lowest: 1, highest: 64 }, probe: { ...GIVEN, baseUrl: url } });
  expect(result.isAtEnd).toBe('lowest');
  await expect(searchServer({ ...COMMON, over: 'rate', slos: slo(1), probe: { ...GIVEN, baseUrl: url } })).rejects.toThrow('all requests at once gave no capacity: 20 failed (HTTP 503: busy)');
});

test.each([
  [{ slos: [] }, '--slo: needed with --search'],
  [{ slos: [{ metric: 'ttft', percent: 99, limitMs: 5 }] }, '--num-prompts 20: expected at least 368, which p99 needs'],
  [{ range: { lowest: 8, highest: 2 } }, '--search-range: expected LOW-HIGH'],
  [{ probe: { ...GIVEN, requestRate: 4 } }, '--request-rate: with --search concurrency'],
] as const)('%j is refused by name', async (more, message) => {
  await expect(searchServer({ ...COMMON, over: 'concurrency', slos: slo(5), probe: GIVEN, ...more })).rejects.toThrow(message);
});
