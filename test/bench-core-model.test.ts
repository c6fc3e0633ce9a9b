// Command lines of benchmark_core_model.py against a server that speaks Triton's generate.
import { createServer } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { REPOSITORY } from './numerics/command.js';

const STORIES = join(REPOSITORY, 'models/stories260K');
const folder = mkdtempSync(join(tmpdir(), 'trtllm-core-model-'));
const asked: { path: string; body: { text_input: string; max_tokens: number } }[] = [];
const server = createServer((request, reply) => {
  let text = '';
  request.on('data', (piece: Buffer) => (text += piece.toString()));
  request.on('end', () => {
    const body = JSON.parse(text) as (typeof asked)[number]['body'];
    asked.push({ path: request.url!, body });
    reply.setHeader('content-type', 'application/json');
    reply.end(JSON.stringify({ text_output: 'a '.repeat(body.max_tokens), num_output_tokens: body.max_tokens }));
  });
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function coreModel(...args: string[]) {
  const { port } = server.address() as AddressInfo;
  asked.length = 0;
  return execa(join(REPOSITORY, 'bin/trtllm'), ['bench', 'core-model', '-u', `127.0.0.1:${port}`, ...args], { cwd: folder, reject: false });
}

it('a data set: input before instruction, 1.3 tokens a word of the output', async () => {
  const rows = [{ input: 'A cat.', instruction: 'Go on:', output: 'one two three four' }, { input: '', instruction: 'Tell', output: 'x' }];
  writeFileSync(join(folder, 'data.json'), JSON.stringify(rows));
  const { exitCode, stdout, stderr } = await coreModel('--max_input_len', '300', '--request_rate', '200', '--time-delay-dist', 'constant', 'dataset', '--dataset', 'data.json', '--tokenizer_dir', STORIES, '--num_requests', '2');
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/Successful requests: +2 /) });
  expect(stderr).toContain('--request-rate 200 --burstiness inf');
  expect(asked.at(-1)!.path).toBe('/v2/models/ensemble/generate');
  expect(asked.map(({ body }) => [body.text_input, body.max_tokens])).toEqual(expect.arrayContaining([['A cat. Go on:', 5], ['Tell', 1]]));
});

it('token_norm_dist, with the model that is named', async () => {
  const { exitCode, stdout } = await coreModel('--max-input-len', '300', 'token_norm_dist', '--tokenizer-dir', STORIES, '--input_mean', '16', '--input_stdev', '0', '--output_mean', '4', '--output_stdev', '0', '--num_requests', '5', '--tensorrt-llm-model-name', 'mine');
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/Total input tokens: +80 [^]*Total generated tokens: +20 /) });
  expect(asked.at(-1)!.path).toBe('/v2/models/mine/generate');
});

it.each([
  [['token_from_histogram'], /--synthetic-input-len histogram:FILE/],
  [['-i', 'grpc', 'dataset', '--dataset', 'x'], /--protocol grpc: is not supported yet/],
  [['--decoupled', 'dataset', '--dataset', 'x'], /--decoupled is not supported yet/],
])('%j is refused by name', async (args, message) => {
  const { exitCode, stderr } = await coreModel('--max-input-len', '300', ...args);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(message) });
});
