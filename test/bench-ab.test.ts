// The gate as CI uses it: exit codes of `trtllm bench ab` against two servers, one of which may be slow.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, it } from 'vitest';
import { REPOSITORY } from './numerics/command.js';

const servers: Server[] = [];
afterAll(() => servers.forEach((server) => server.close()));

const REQUESTS_A_BLOCK = 3;

/** Two tokens to anybody, after as long as the block's turn says. */
async function serverWith(delayOf: (block: number) => number): Promise<string> {
  let numRequests = 0;
  const server = createServer((request, reply) => {
    if (request.method === 'GET') return void reply.end(JSON.stringify({ data: [{ id: 'm' }] }));
    request.resume();
    const delayMs = delayOf(Math.floor(numRequests++ / REQUESTS_A_BLOCK));
    request.on('end', () =>
      setTimeout(() => {
        const events = [{ choices: [{ text: 'a' }] }, { choices: [{ text: 'b' }] }, { choices: [], usage: { prompt_tokens: 8, completion_tokens: 2 } }];
        reply.writeHead(200, { 'content-type': 'text/event-stream' });
        reply.end(`${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`);
      }, delayMs),
    );
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const [quick, slow] = [await serverWith(() => 1), await serverWith(() => 60)];

const ab = (a: string, b: string, ...more: string[]) => compare('--a', a, '--b', b, ...more);

async function compare(...more: string[]) {
  const load = ['--tokenize-on-client', '--vocab-size', '100', '--random-input-len', '8', '--random-output-len', '2', '--num-prompts', String(REQUESTS_A_BLOCK), '--no-test-input', '--metric', 'e2el'];
  const { exitCode, stdout } = await execa(join(REPOSITORY, 'bin/trtllm'), ['bench', 'ab', ...load, ...more], { reject: false });
  return [exitCode, stdout] as const;
}

it('exits with 1 for a regression, with 0 where the candidate is the better one', { timeout: 60_000 }, async () => {
  expect(await ab(quick, slow)).toEqual([1, expect.stringMatching(/^regression: b is [\d.]+ % worse .* in e2el over \d+ pairs \(threshold 3%\)$/)]);
  expect(await ab(slow, quick)).toEqual([0, expect.stringMatching(/^no regression: b is [\d.]+ % better/)]);
});

it('exits with 2 where it cannot tell, and says so', { timeout: 60_000 }, async () => {
  // Slow in turns: as often better as worse, by as much.
  const [even, odd] = [await serverWith((block) => (block % 2 ? 60 : 5)), await serverWith((block) => (block % 2 ? 5 : 60))];
  expect(await ab(even, odd, '--max-pairs', '6')).toEqual([2, expect.stringMatching(/^undecided: /)]);
});

/** Two tokens after `delay` ms, as the servers above: a program of its own, given port and delay. */
const PROGRAM = `
  import { createServer } from 'node:http';
  const [port, delay] = process.argv.slice(2).map(Number);
  const events = [{ choices: [{ text: 'a' }] }, { choices: [{ text: 'b' }] }, { choices: [], usage: { prompt_tokens: 8, completion_tokens: 2 } }];
  createServer((request, reply) => {
    if (request.method === 'GET') return reply.end(JSON.stringify({ data: [{ id: 'm' }] }));
    request.resume();
    reply.setHeader('content-type', 'text/event-stream');
    request.on('end', () => setTimeout(() => reply.end(events.map((event) => 'data: ' + JSON.stringify(event) + '\\n\\n').join('') + 'data: [DONE]\\n\\n'), delay));
  }).listen(port, '127.0.0.1', () => console.log('listening'));`;

it('starts the servers itself where it is given commands, and keeps their logs', { timeout: 60_000 }, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'bench-ab-'));
  try {
    writeFileSync(join(dir, 'server.mjs'), PROGRAM);
    const command = (delay: number): string => `"${process.execPath}" "${join(dir, 'server.mjs')}" {port} ${delay}`;
    expect(await compare('--a-command', command(1), '--b-command', command(60), '--log-dir', dir)).toEqual([1, expect.stringMatching(/^regression: b is /)]);
    expect(readdirSync(dir).sort()).toEqual(['server-a.log', 'server-b.log', 'server.mjs']);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

it('looks for a regression twice where it is told to', { timeout: 60_000 }, async () => {
  expect(await ab(quick, slow, '--confirm')).toEqual([1, expect.stringMatching(/^regression: .* over 6 pairs \(threshold 3%\); a second test, which confirms the first$/)]);
});

it('keeps trials of a build against itself, and says what can be decided here', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'trtllm-aa-'));
  const store = join(folder, 'aa.jsonl');
  const trial = ['--aa-store', store, '--max-pairs', '6', '--threshold', '40%'];
  const [exit, stdout] = await ab(quick, quick, '--aa', ...trial);
  expect([exit, stdout.split('\n')]).toEqual([0, [expect.stringMatching(/^A\/A: 1 trial of these settings on this machine \(50 are wanted\): a pair's noise is [\d.]+ %/), expect.stringMatching(/^(no regression|undecided|regression): b is/)]]);
  expect(JSON.parse(readFileSync(store, 'utf8'))).toMatchObject({ pairs: 6, deviation: expect.any(Number) });
  expect((await ab(quick, slow, ...trial))[1]).toMatch(/^A\/A: 1 trial [^]*\nregression: b is/);
  expect(readFileSync(store, 'utf8').trimEnd().split('\n')).toHaveLength(1);
  rmSync(folder, { recursive: true });
});
