// Load from several processes, as from several machines: `trtllm bench agent` twice, one coordinator, one server that sees what came.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, expect, it } from 'vitest';
import { REPOSITORY } from './numerics/command.js';

const TRTLLM = join(REPOSITORY, 'bin/trtllm');
const TOKEN = 'for these tests';
const LOAD = ['--tokenize-on-client', '--vocab-size', '100', '--random-input-len', '8', '--random-output-len', '2', '--no-test-input', '--agent-token', TOKEN, '--json'];

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0)) await close();
});

interface Agent {
  address: string;
  process: ReturnType<typeof agentProcess>;
}

const agentProcess = (flags: string[]) => execa(TRTLLM, ['bench', 'agent', '--port', '0', ...flags], { reject: false, env: { TRTLLM_AGENT_TOKEN: TOKEN } });

/** @param client undefined: what is there */
async function startAgent(client?: string): Promise<Agent> {
  const flags = client === undefined ? [] : ['--client', client];
  const agent = agentProcess(flags);
  cleanUp.push(() => agent.kill('SIGKILL'));
  let told = '';
  agent.stderr.on('data', (piece: Buffer) => (told += piece.toString()));
  await expect.poll(() => told, { timeout: 30_000 }).toMatch(/^agent on \S+, sends by/m);
  return { address: /^agent on (\S+),/m.exec(told)![1]!, process: agent };
}

/** @param answers whether request number n gets more than the head of a reply */
async function startServer(answers: (count: number) => boolean): Promise<{ url: string; prompts: string[] }> {
  const prompts: string[] = [];
  const answer = async (request: IncomingMessage, reply: ServerResponse): Promise<void> => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString()) as { prompt: number[] };
    prompts.push(String(body.prompt));
    reply.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    if (!answers(prompts.length)) return;
    const events = [{ choices: [{ text: 'a' }] }, { choices: [{ text: 'b' }] }, { choices: [], usage: { prompt_tokens: 8, completion_tokens: 2 } }];
    reply.end(`${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`);
  };
  const server = createServer((request, reply) => (request.method === 'GET' ? void reply.end('{"data":[{"id":"m"}]}') : void answer(request, reply)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp.push(() => (server.closeAllConnections(), server.close()));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, prompts };
}

const bench = (url: string, agents: Agent[], ...more: string[]) =>
  execa(TRTLLM, ['bench', '--base-url', url, '--agents', agents.map(({ address }) => address).join(','), ...LOAD, ...more], { reject: false });

it('sends one plan from two processes, and merges what they saw', { timeout: 60_000 }, async () => {
  const server = await startServer(() => true);
  const agents = await Promise.all([startAgent(), startAgent('node')]);
  const { stdout, exitCode } = await bench(server.url, agents, '--num-prompts', '60', '--request-rate', '100');
  expect(exitCode).toBe(0);
  const report = JSON.parse(stdout) as { completed: number; failed: number; total_output_tokens: number; trtllm: { notes: { code: string; text: string }[] } };
  expect(report).toMatchObject({ completed: 60, failed: 0, total_output_tokens: 120 });
  expect(new Set(server.prompts).size).toBe(60);
  const { text } = report.trtllm.notes.find(({ code }) => code === 'agents')!;
  for (const { address } of agents) expect(text).toContain(`${address} ±`);
});

it('ends when an agent is killed, with its requests as failures named after it', { timeout: 60_000 }, async () => {
  const server = await startServer((count) => count <= 10);
  const agents = await Promise.all([startAgent(), startAgent()]);
  const run = bench(server.url, agents, '--num-prompts', '100', '--max-concurrency', '4');
  await expect.poll(() => server.prompts.length, { timeout: 30_000 }).toBe(14);
  agents[1]!.process.kill('SIGKILL');
  const { stdout, stderr, exitCode } = await run;
  const named = `agent ${agents[1]!.address} is gone: `;
  expect(exitCode).toBe(11);
  expect(stdout + stderr).toContain(`requests failed; ${named}`);
  const [report] = stdout.split(/\n(?=\{)/);
  expect(JSON.parse(report!)).toMatchObject({ trtllm: { stopped: { rule: 'agent', text: expect.stringContaining(named) } } });
});

it('cancels at the agents on Ctrl-C, and they take the next run', { timeout: 60_000 }, async () => {
  const server = await startServer((count) => count > 4);
  const agents = await Promise.all([startAgent(), startAgent()]);
  const run = bench(server.url, agents, '--num-prompts', '20', '--max-concurrency', '4');
  await expect.poll(() => server.prompts.length, { timeout: 30_000 }).toBe(4);
  run.kill('SIGINT');
  expect(await run).toMatchObject({ exitCode: 130 });
  expect(server.prompts).toHaveLength(4);
  const { stdout, exitCode } = await bench(server.url, agents, '--num-prompts', '8', '--max-concurrency', '4');
  expect([exitCode, JSON.parse(stdout)]).toMatchObject([0, { completed: 8 }]);
});
