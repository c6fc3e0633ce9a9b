// `make demo`: compile the bundled model, serve it, ask it twice, measure it, stop. Exit 0 only if all of it worked.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const trtllm = join(root, 'bin/trtllm');
const folder = mkdtempSync(join(tmpdir(), 'trtllm-demo-'));
const engine = join(folder, 'stories260K');
let server;

const say = (line) => console.log(`\n== ${line}`);

function command(...args) {
  console.log(`$ trtllm ${args.join(' ')}`);
  const { status, signal } = spawnSync(trtllm, args, { stdio: 'inherit', cwd: root });
  if (status !== 0) throw new Error(`trtllm ${args[0]} ended with ${signal ?? status}`);
}

/** Starts the server on a free port; resolves with its URL when it says that it is ready. */
function startServer() {
  console.log(`$ trtllm serve ${engine} --port 0`);
  server = spawn(trtllm, ['serve', engine, '--port', '0'], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  return new Promise((resolve, reject) => {
    let log = '';
    server.stderr.on('data', (chunk) => {
      log += chunk;
      const ready = /ready: .* at (http:\S+)/.exec(log);
      if (ready) resolve(ready[1]);
    });
    server.once('exit', (code, signal) => reject(new Error(`the server ended (${signal ?? code}):\n${log}`)));
    setTimeout(() => reject(new Error(`the server was not ready within 60 s:\n${log}`)), 60_000).unref();
  });
}

async function post(url, body) {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response;
}

async function complete(url) {
  const prompt = 'Once upon a time';
  const reply = await (await post(`${url}/v1/completions`, { model: 'stories260K', prompt, max_tokens: 48, temperature: 0 })).json();
  if (reply.usage.completion_tokens < 1) throw new Error('the completion has no token');
  console.log(`"${prompt}" -> "${reply.choices[0].text}"`);
}

async function chat(url) {
  const body = { model: 'stories260K', messages: [{ role: 'user', content: 'Tom had a dog.' }], max_tokens: 48, temperature: 0, stream: true };
  const response = await post(`${url}/v1/chat/completions`, body);
  process.stdout.write('"Tom had a dog." -> ');
  let pending = '';
  let done = false;
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    pending += chunk;
    const events = pending.split('\n\n');
    pending = events.pop();
    for (const event of events) {
      const data = event.replace(/^data: /, '').trim();
      if (data === '[DONE]') done = true;
      else process.stdout.write(JSON.parse(data).choices[0]?.delta.content ?? '');
    }
  }
  console.log();
  if (!done) throw new Error('the stream ended without [DONE]');
}

async function stopServer() {
  server.removeAllListeners('exit');
  const exited = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  const code = await exited;
  if (code !== 0) throw new Error(`the server ended with ${code} after SIGTERM`);
}

try {
  say('1 of 5: compile the bundled checkpoint (models/stories260K) to an engine');
  command('build', '--model', 'models/stories260K', '--output_dir', engine);
  say('2 of 5: start the server');
  const url = await startServer();
  console.log(`ready at ${url}`);
  say('3 of 5: one completion');
  await complete(url);
  say('4 of 5: one streamed chat');
  await chat(url);
  say('5 of 5: a short benchmark, 40 requests of 64 tokens in and 64 out, 4 at a time');
  command('bench', '--base-url', url, '--tokenizer', engine, '--dataset-name', 'random', '--random-input-len', '64', '--random-output-len', '64', '--num-prompts', '40', '--max-concurrency', '4', '--ignore-eos', '--percentile-metrics', 'ttft,tpot,itl,e2el');
  await stopServer();
  say('the demo worked: everything is stopped, nothing is left behind');
} catch (error) {
  console.error(`\nthe demo failed: ${error.message}`);
  server?.kill('SIGKILL');
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
