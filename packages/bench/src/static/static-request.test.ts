import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { datasetLines, readStaticDataset, syntheticRequests } from './static-request.js';

const directory = mkdtempSync(join(tmpdir(), 'static-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = (text: string) => {
  const path = join(directory, 'dataset.jsonl');
  writeFileSync(path, text);
  return path;
};
const encode = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0));

describe('a dataset file', () => {
  it('gives ids, text by the tokenizer, and skips empty lines', async () => {
    const path = file('{"task_id":7,"input_ids":[863,22056],"output_tokens":128}\r\n\n{"prompt":"ab","output_tokens":2}\n{"logits":[1],"output_tokens":1}\n');
    expect(await readStaticDataset(path, encode)).toEqual([
      { id: 7, input_ids: [863, 22056], output_tokens: 128 },
      { id: 1, input_ids: [97, 98], output_tokens: 2 },
      { id: 2, input_ids: [1], output_tokens: 1 },
    ]);
    expect(await readStaticDataset(path, encode, 1)).toHaveLength(1);
  });

  it.each([
    ['{"input_ids":[1]}', /:1: output_tokens/],
    ['{"input_ids":[1],"output_tokens":1}\n{"input_ids":[-1],"output_tokens":1}', /:2: input_ids.0/],
    ['nonsense', /:1: not JSON/],
    ['{"output_tokens":1}', /expected "input_ids" or "prompt"/],
    ['{"prompt":"","output_tokens":1}', /has no token/],
    ['', /no request in it/],
    ['{"task_id":1,"input_ids":[1],"output_tokens":1}\n{"input_ids":[1],"output_tokens":1}', /task_id 1 is given to two requests/],
  ])('refuses %s', async (text, message) => {
    await expect(readStaticDataset(file(text), encode)).rejects.toThrow(message);
  });

  it('refuses text without a tokenizer, and a file that is not there', async () => {
    await expect(readStaticDataset(file('{"prompt":"a","output_tokens":1}'), undefined)).rejects.toThrow(/needs a tokenizer/);
    await expect(readStaticDataset(join(directory, 'none'), encode)).rejects.toThrow(/cannot be read/);
  });
});

describe('synthetic requests', () => {
  const options = { count: 200, input: { mean: 20, deviation: 5 }, output: { low: 3, high: 4 }, vocab_size: 10, excluded_ids: [2, 3], seed: 1 };

  it('follow their laws and leave out ids', () => {
    const requests = syntheticRequests(options);
    const mean = requests.reduce((sum, { input_ids }) => sum + input_ids.length, 0) / 200;
    expect(mean).toBeGreaterThan(18.5);
    expect(mean).toBeLessThan(22.5);
    expect(new Set(requests.map(({ output_tokens }) => output_tokens))).toEqual(new Set([3, 4]));
    expect(new Set(requests.flatMap(({ input_ids }) => input_ids))).toEqual(new Set([0, 1, 4, 5, 6, 7, 8, 9]));
  });

  it('have no id twice before every id was once', () => {
    for (const { input_ids } of syntheticRequests(options)) {
      const turns = Array.from({ length: Math.ceil(input_ids.length / 8) }, (_, turn) => input_ids.slice(8 * turn, 8 * turn + 8));
      for (const turn of turns) expect(new Set(turn).size).toBe(turn.length);
    }
    expect(() => syntheticRequests({ ...options, vocab_size: 2, excluded_ids: [0, 1] })).toThrow(/none to draw/);
  });

  it('depend on seed and place alone, and survive their file', async () => {
    const requests = syntheticRequests(options);
    expect(syntheticRequests({ ...options, count: 3 })).toEqual(requests.slice(0, 3));
    expect(syntheticRequests({ ...options, seed: 2 })).not.toEqual(requests);
    expect(await readStaticDataset(file([...datasetLines(requests)].join('')), undefined)).toEqual(requests);
  });
});
