// A stream that ends in an error: no latency, its tokens apart, and an exit code that CI sees.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { REPOSITORY } from './numerics/command.js';

it('exits with 11 where a stream ends in an error, after the report', { timeout: 60_000 }, async () => {
  const server = createServer((request, reply) => {
    if (request.method === 'GET') return void reply.end(JSON.stringify({ data: [{ id: 'm' }] }));
    request.resume();
    reply.setHeader('content-type', 'text/event-stream');
    const events = [{ choices: [{ text: 'a' }] }, { choices: [{ text: 'b' }] }, { error: { message: 'worker died' } }];
    request.on('end', () => reply.end(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const flags = ['--base-url', url, '--tokenize-on-client', '--vocab-size', '100', '--random-input-len', '8', '--random-output-len', '4', '--num-prompts', '2', '--no-test-input'];
  const { exitCode, stdout, stderr } = await execa(join(REPOSITORY, 'bin/trtllm'), ['bench', ...flags], { reject: false });
  server.close();
  expect(exitCode).toBe(11);
  expect(stderr).toMatch(/2 of 2 requests failed \[BENCH_FAILED_REQUESTS\]/);
  expect(stdout).toMatch(/Successful requests: +0 .*[^]*2 x stream-error: worker died/);
});
