// Recorded data sets as files, folders and cached snapshots. The Parquet files are pyarrow's (tools/make_parquet.py).
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFile } from '../test-support/planned.js';
import { realRequests, type RealDataset } from './real-requests.js';

const PARQUET = fileURLToPath(new URL('../test-support/parquet', import.meta.url));
const QA: RealDataset = { name: join(PARQUET, 'qa'), split: 'train', inputKey: 'question', promptKey: 'system', outputKey: 'answer', seed: 1 };

/** A token a word, behind one at the beginning. */
const encode = (text: string): number[] => [1, ...text.split(' ').map((word) => word.length)];

const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
});

test('all files of a split are read in their order, whatever packed them', async () => {
  const { requests } = await realRequests(QA, encode);
  expect(requests).toHaveLength(8);
  expect(requests[3]).toEqual({ id: 3, input_ids: encode('Be brief. What comes after 3?'), output_tokens: 1 + 4 });
  expect(requests[7]).toEqual({ id: 7, input_ids: encode('Be brief. What comes after 7?'), output_tokens: 1 + 8 });
  const test = await realRequests({ ...QA, split: 'test', promptKey: undefined, prompt: 'Tell:' }, encode);
  expect(test.requests.map(({ input_ids: ids }) => ids)).toEqual([encode('Tell: What comes after 100?'), encode('Tell: What comes after 101?')]);
});

test('a data set of the hub is found in the cache of its tools, by name, configuration and split', async () => {
  const home = mkdtempSync(join(tmpdir(), 'hf-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const set = join(home, 'hub', 'datasets--some--qa');
  mkdirSync(join(set, 'refs'), { recursive: true });
  writeFileSync(join(set, 'refs', 'main'), 'abc');
  cpSync(join(PARQUET, 'qa/data'), join(set, 'snapshots/abc/main'), { recursive: true });
  writeFileSync(join(set, 'snapshots/abc/README.md'), '');
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('HF_HUB_CACHE', undefined);
  vi.stubEnv('HF_HOME', home);
  expect((await realRequests({ ...QA, name: 'some/qa', config: 'main', numRequests: 3 }, encode)).requests).toHaveLength(3);
  await expect(realRequests({ ...QA, name: 'some/qa', config: 'other' }, encode)).rejects.toThrow(/--dataset-split train --dataset-config-name other: expected files named after them .* found main\/test-00000-of-00001\.parquet/);
  await expect(realRequests({ ...QA, name: 'no/such' }, encode)).rejects.toThrow(/neither a file, nor a folder, nor in the cache .*nothing is fetched here/);
});

test('lines of JSON, arrays and tables do as well, and a file needs no split', async () => {
  const rows = [{ q: 'a b', a: 'c d e' }, { q: 'a b c d', a: 'e' }];
  const files = [
    temporaryFile('set.jsonl', rows.map((row) => JSON.stringify(row)).join('\n')),
    temporaryFile('set.json', JSON.stringify(rows)),
    temporaryFile('set.csv', 'q,a\na b,c d e\na b c d,e\n'),
  ];
  for (const name of files) {
    const { requests } = await realRequests({ name, inputKey: 'q', outputKey: 'a', seed: 1 }, encode);
    expect(requests).toEqual([{ id: 0, input_ids: encode('a b'), output_tokens: 4 }, { id: 1, input_ids: encode('a b c d'), output_tokens: 2 }]);
  }
});

test('prompts that are too long are left out and counted; lengths of outputs may be drawn', async () => {
  const name = temporaryFile('set.jsonl', Array.from({ length: 200 }, (_, i) => JSON.stringify({ q: i % 2 === 0 ? 'a b' : 'a b c d' })).join('\n'));
  const set: RealDataset = { name, inputKey: 'q', outputLengths: { mean: 50, deviation: 10 }, maxInputLen: 3, seed: 7 };
  const { requests, tooLong } = await realRequests(set, encode);
  expect([requests.length, tooLong]).toEqual([100, 100]);
  const lengths = requests.map(({ output_tokens: length }) => length);
  const mean = lengths.reduce((a, b) => a + b) / lengths.length;
  // Three standard errors: 10 / sqrt(100), and half a token for the rounding up.
  expect(Math.abs(mean - 50.5)).toBeLessThan(3);
  expect((await realRequests(set, encode)).requests).toEqual(requests);
});

test.each<[Partial<RealDataset>, RegExp]>([
  [{ inputKey: 'nope' }, /train-00000-of-00002\.parquet:1: expected a field "nope", found id, system, question, answer, choices/],
  [{ inputKey: 'id' }, /:1: expected id: a text, found 0/],
  [{ prompt: 'both' }, /--dataset-prompt and --dataset-prompt-key: give one of them/],
  [{ inputKey: undefined, promptKey: undefined }, /--dataset-input-key or --dataset-prompt-key: needed/],
  [{ outputKey: undefined }, /give --dataset-output-key KEY .* or --output-len-dist MEAN,STDEV/],
  [{ split: undefined }, /--dataset-split: needed for the folder .* which has data\/test-00000-of-00001\.parquet/],
  [{ name: join(PARQUET, 'pictures') }, /images and videos are not supported yet, found a field "image"/],
  [{ maxInputLen: 1 }, /no request came of it \(8 are longer than --max-input-len\)/],
])('%j is refused', async (change, message) => {
  await expect(realRequests({ ...QA, ...change }, encode)).rejects.toThrow(message);
});

test('a file that is no Parquet is refused by name', async () => {
  const name = temporaryFile('set.parquet', 'not at all');
  await expect(realRequests({ ...QA, name }, encode)).rejects.toThrow(/set\.parquet: not a Parquet file that can be read/);
});
