import { expect, test } from 'vitest';
import { answeringAfter, serverFor } from '../test-support/scripted-server.js';
import { BENCHMARK_TYPES, pointsOf } from './benchmark-types.js';
import { runTypes, type PointResult } from './run-types.js';
import { formatTypes } from './type-tables.js';

const GIVEN = { tokenizeOnClient: true, vocabSize: 500, numPrompts: 2, testInput: false };

test('a type runs its points in order, each with prompts of its own', async () => {
  const { url, bodies } = await serverFor(answeringAfter(0));
  const seen: string[] = [];
  const results = await runTypes(['prefill', 'throughput'], { ...GIVEN, baseUrl: url }, { onPoint: (type, label) => seen.push(`${type} ${label}`) });
  expect(seen).toEqual(['prefill in-128', 'prefill in-512', 'prefill in-2048', 'prefill in-4096', 'throughput 512-256']);
  expect(results.map(({ report }) => report.inputTokens / report.completed)).toEqual([128, 512, 2048, 4096, 512]);
  expect(bodies.map(({ prompt, max_tokens, ignore_eos }) => [prompt.length, max_tokens, ignore_eos]).at(-1)).toEqual([512, 256, true]);
  expect(new Set(bodies.map(({ prompt }) => JSON.stringify(prompt.slice(0, 64)))).size).toBe(bodies.length);
  const text = formatTypes(results);
  expect(text).toMatch(/^prefill \(latencies in ms\)/);
  expect(text).toContain('in-4096');
  expect(text).toContain('throughput (latencies in ms)');
});

test('where the rate of a light type is too high for a server, its requests go one at a time', async () => {
  const { url } = await serverFor(answeringAfter(900));
  const results: PointResult[] = [];
  const stop = new AbortController();
  await runTypes(['decode'], { ...GIVEN, numPrompts: 3, baseUrl: url }, { signal: stop.signal, onResult: (result) => (results.push(result), stop.abort()) });
  expect(results).toHaveLength(1);
  expect(results[0]).toMatchObject({ wentOneByOne: true, report: { peakConcurrency: 1, completed: 3 } });
  expect(formatTypes(results)).toContain('one request at a time');
  const [result] = results as [PointResult];
  const believable: PointResult = { ...result, report: { ...result.report, verdict: { believable: true, findings: [] } } };
  const doubted: PointResult = { ...result, report: { ...result.report, verdict: { believable: false, findings: [{ fault: 'saturated', evidence: 'figures', mend: 'ask less' }] } } };
  expect(formatTypes([believable])).toMatch(/\n\nVerdict: believable$/);
  expect(formatTypes([believable, doubted])).toMatch(new RegExp(`\n\ndecode ${result.label}: Verdict: NOT believable: server saturated \\(figures\\): ask less$`));
}, 20_000);

test('every type has points, and their labels can be file names', () => {
  for (const type of BENCHMARK_TYPES) {
    const labels = pointsOf(type).map(({ label }) => label);
    expect(labels.length).toBeGreaterThan(0);
    expect(new Set(labels).size).toBe(labels.length);
    for (const label of labels) expect(label).toMatch(/^[a-z0-9-]+$/);
  }
});
