// --append-result: several runs in one file, told apart again by those who read it.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { BenchInput } from '../bench-options.js';
import { runBenchmark } from '../run-benchmark.js';
import { temporaryFile } from '../test-support/planned.js';
import { answeringAfter, serverFor } from '../test-support/scripted-server.js';
import { readRuns } from '../views/read-runs.js';
import { documentsIn } from './result-documents.js';

test('a run more is a line more, behind a file of one run too, and keeps its own requests', async () => {
  const save = { dir: dirname(temporaryFile('other', '')), filename: 'runs.json', detailed: false, metadata: { team: 'blue' } };
  const { url } = await serverFor(answeringAfter(0));
  const run = (label: string, numPrompts: number, append: boolean): Promise<unknown> => {
    const input: BenchInput = { baseUrl: url, tokenizeOnClient: true, vocabSize: 100, inputLen: 4, outputLen: 2, label, numPrompts, save: { ...save, append } };
    return runBenchmark(input);
  };
  const path = join(save.dir, save.filename);
  await run('first', 2, false);
  expect(readFileSync(path, 'utf8').split('\n').length).toBeGreaterThan(10);
  await run('second', 3, true);
  await run('third', 4, true);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toMatchObject([{ label: 'first', team: 'blue', completed: 2 }, { label: 'second', completed: 3 }, { label: 'third', completed: 4 }]);
  const runs = readRuns([path]);
  expect(runs.map(({ label, series, requests }) => [label, series, requests?.length])).toEqual([
    ['first:1', 'first', undefined],
    ['second:2', 'second', 3],
    ['third:3', 'third', 4],
  ]);
});

test('one document may have lines, and lines that are none are refused', () => {
  expect(documentsIn('{\n  "a": 1\n}\n')).toEqual([{ a: 1 }]);
  expect(documentsIn('{"a":1}\n\n{"a":2}')).toEqual([{ a: 1 }, { a: 2 }]);
  expect(() => documentsIn('{"a":1}\n{"a"}')).toThrow(SyntaxError);
});
