// Where the tokenizer comes from when nobody gives one, in whole runs.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { BenchInput } from '../bench-options.js';
import { reportJson } from '../report/report-json.js';
import { runBenchmark } from '../run-benchmark.js';
import { completion, DONE, openStream, scriptedServer, usage, type Script } from '../test-support/scripted-server.js';
import { STORIES_DIR, storiesTokenizer } from '../test-support/tokenizer.js';

const tokenizer = await storiesTokenizer();
const SMALL: BenchInput = { numPrompts: 2, inputLen: 12, outputLen: 1 };

const cleanUp: (() => unknown)[] = [];
let hub = '';
beforeEach(() => {
  hub = mkdtempSync(join(tmpdir(), 'bench-hub-'));
  cleanUp.push(() => rmSync(hub, { recursive: true }));
  vi.stubEnv('HF_HUB_CACHE', hub);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of cleanUp.splice(0)) await close();
});

const script: Script = ({ prompt }, reply) => {
  openStream(reply);
  reply.end(completion('x', usage(tokenizer.encode(prompt, { addSpecialTokens: true }).length, 1)) + DONE);
};

async function serverFor(id: string, root?: string) {
  const server = await scriptedServer(script, id, root);
  cleanUp.push(() => server.close());
  return server;
}

/** As the tools of Hugging Face lay it down. */
function cacheModel(name: string): string {
  const model = join(hub, `models--${name.replaceAll('/', '--')}`);
  const snapshot = join(model, 'snapshots', 'abc');
  cpSync(STORIES_DIR, snapshot, { recursive: true });
  mkdirSync(join(model, 'refs'));
  writeFileSync(join(model, 'refs', 'main'), 'abc\n');
  return snapshot;
}

test('--model may be the folder, as with benchmark_serving', async () => {
  const { url, bodies } = await serverFor('stories260K');
  const report = await runBenchmark({ ...SMALL, baseUrl: url, model: STORIES_DIR });
  expect(report).toMatchObject({ completed: 2, inputTokens: 24 });
  expect(bodies.at(-1).model).toBe(STORIES_DIR);
  expect(reportJson(report)).toMatchObject({ model_id: STORIES_DIR, tokenizer_id: STORIES_DIR });
  expect(report.notes[0]).toEqual({ code: 'tokenizer', text: `tokenizer of ${STORIES_DIR}, named by --model` });
});

test.each([undefined, 'another name for it'])('the server names the folder, whatever it is called in requests (%s)', async (model) => {
  const { url } = await serverFor('stories', STORIES_DIR);
  const report = await runBenchmark({ ...SMALL, baseUrl: url, model });
  expect(report).toMatchObject({ completed: 2, inputTokens: 24, model: model ?? 'stories' });
  expect(report.notes[0]?.text).toBe(`tokenizer of ${STORIES_DIR}, named by ${url}/v1/models`);
});

test('a name leads to the cache of Hugging Face, from the server or from --tokenizer', async () => {
  const snapshot = cacheModel('org/tiny');
  const { url } = await serverFor('tiny', 'org/tiny');
  expect((await runBenchmark({ ...SMALL, baseUrl: url })).notes[0]?.text).toContain(`tokenizer of ${snapshot}, named by`);
  const given = await runBenchmark({ ...SMALL, baseUrl: url, tokenizerDir: 'org/tiny' });
  expect(given.inputTokens).toBe(24);
  expect(reportJson(given)).toMatchObject({ tokenizer_id: 'org/tiny' });
});

test('where none is found, the sentence says where it was looked for', async () => {
  const { url } = await serverFor('tiny', dirname(STORIES_DIR));
  await expect(runBenchmark({ ...SMALL, baseUrl: url })).rejects.toMatchObject({ code: 'BAD_FLAG', message: expect.stringMatching(/^--tokenizer: needed .* neither --model nor the server names/) });
  await expect(runBenchmark({ ...SMALL, baseUrl: url, tokenizerDir: 'no/such' })).rejects.toThrow('--tokenizer: no tokenizer.json in no/such');
});
