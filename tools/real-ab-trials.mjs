// node tools/real-ab-trials.mjs [NUM_TRIALS] [NUM_LAYERS|scripted]: `trtllm bench ab` on running servers. Half of the trials compare a server
// with its like, half with a slower one: of engines one that has a layer more (31 instead of 30 cost 2.8 % once, so 25 instead of 24 should cost
// 3.5 %; a noisy machine takes up to four minutes a trial), or scripted servers that write 3.5 % later. Prints each decision; exits with 1 if any is wrong.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const SHAPE = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 256,
  intermediate_size: 1024,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 512,
  max_position_embeddings: 2048,
  rms_norm_eps: 1e-5,
  torch_dtype: 'bfloat16',
};
const LOAD = ['--num-prompts', '4', '--max-concurrency', '4', '--random-input-len', '32', '--random-output-len', '96', '--ignore-eos'];
const SCRIPTED_LOAD = ['--model', 'scripted', '--dataset-name', 'random-ids', '--vocab-size', '500', '--no-test-input'];
const EXPECTED = { same: 'pass', slower: 'fail' };

const root = new URL('..', import.meta.url).pathname;
const trtllm = join(root, 'bin/trtllm');
const [numTrials, numLayers] = [Number(process.argv[2] ?? 20), process.argv[3] ?? '24'];
const isScripted = numLayers === 'scripted';
const run = promisify(execFile);
const scratch = mkdtempSync(join(tmpdir(), 'ab-trials-'));
const servers = [];
try {
  const [baseline, same, slower] = isScripted ? [await serveScript(1), await serveScript(1), await serveScript(1.035)] : await serveEngines(Number(numLayers));
  let numWrong = 0;
  for (let trial = 0; trial < numTrials; trial++) {
    const kind = trial % 2 === 0 ? 'same' : 'slower';
    const { verdict, pairs, loss, seconds } = await compare(baseline, kind === 'same' ? same : slower, trial);
    if (verdict !== EXPECTED[kind]) numWrong++;
    console.log(`${String(trial + 1).padStart(2)} ${kind.padEnd(6)} ${verdict.padEnd(9)} ${pairs} pairs, ${(100 * loss).toFixed(2)} % worse, ${seconds.toFixed(0)} s`);
  }
  console.log(`${numTrials - numWrong} of ${numTrials} as they should be`);
  process.exitCode = numWrong === 0 ? 0 : 1;
} finally {
  for (const server of servers) server.kill('SIGTERM');
  rmSync(scratch, { recursive: true });
}

async function serveEngines(layers) {
  const engines = [await build(layers), await build(layers + 1)];
  return [await serve(engines[0]), await serve(engines[0]), await serve(engines[1])];
}

/** Writes a token each 5 ms, `slowness` times as slowly. */
function serveScript(slowness) {
  const script = ['--events', '96', '--first-us', String(Math.round(20_000 * slowness)), '--interval-us', String(Math.round(5000 * slowness))];
  const server = spawn(join(root, 'native/build/release/scripted_server'), [...script, '--log', '/dev/null'], { stdio: ['ignore', 'pipe', 'inherit'] });
  servers.push(server);
  return new Promise((resolve) => createInterface(server.stdout).once('line', (line) => resolve(`http://127.0.0.1:${JSON.parse(line).port}`)));
}

async function build(layers) {
  const config = join(scratch, `${layers}.json`);
  const engine = join(scratch, `${layers}`);
  writeFileSync(config, JSON.stringify({ ...SHAPE, num_hidden_layers: layers }));
  await run(trtllm, ['build', '--config', config, '--dummy-weights', '--tokenizer', join(root, 'models/stories260K'), '--output_dir', engine]);
  return engine;
}

/** Resolves with its URL when it answers. One thread each, so that the client has a core. */
function serve(engine) {
  const server = spawn(trtllm, ['serve', engine, '--port', '0', '--threads', '1'], { stdio: ['ignore', 'ignore', 'pipe'] });
  servers.push(server);
  return new Promise((resolve, reject) => {
    createInterface(server.stderr).on('line', (line) => {
      const [, url] = /^ready: .* at (http:\S+)/.exec(line) ?? [];
      if (url !== undefined) resolve(url);
    });
    server.on('exit', () => reject(new Error('trtllm serve ended before it was ready')));
  });
}

async function compare(a, b, seed) {
  const start = performance.now();
  const args = ['bench', 'ab', '--a', a, '--b', b, '--seed', String(seed), ...LOAD, ...(isScripted ? SCRIPTED_LOAD : []), '--json'];
  const { stdout } = await run(trtllm, args, { maxBuffer: 1 << 26 }).catch((error) => (error.stdout ? error : Promise.reject(error)));
  const { verdict, pairs, loss } = JSON.parse(stdout);
  return { verdict, pairs: pairs.length, loss, seconds: (performance.now() - start) / 1000 };
}
