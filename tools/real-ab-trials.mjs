// node tools/real-ab-trials.mjs [NUM_TRIALS] [NUM_LAYERS]: `trtllm bench ab` on real servers. Half of the trials compare an engine with
// itself, half with one that has a layer more (30 and 31: 3.3 % more work). Prints each decision; exits with 1 if any is wrong.
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
const EXPECTED = { same: 'pass', slower: 'fail' };

const root = new URL('..', import.meta.url).pathname;
const trtllm = join(root, 'bin/trtllm');
const [numTrials, numLayers] = [Number(process.argv[2] ?? 20), Number(process.argv[3] ?? 30)];
const run = promisify(execFile);
const scratch = mkdtempSync(join(tmpdir(), 'ab-trials-'));
const servers = [];
try {
  const engines = [await build(numLayers), await build(numLayers + 1)];
  const [baseline, same, slower] = [await serve(engines[0]), await serve(engines[0]), await serve(engines[1])];
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

async function build(layers) {
  const config = join(scratch, `${layers}.json`);
  const engine = join(scratch, `${layers}`);
  writeFileSync(config, JSON.stringify({ ...SHAPE, num_hidden_layers: layers }));
  await run(trtllm, ['build', '--config', config, '--dummy-weights', '--tokenizer', join(root, 'models/stories260K'), '--output_dir', engine]);
  return engine;
}

/** Resolves with its URL when it answers. One thread each, so that the client has a core. */
async function serve(engine) {
  const server = spawn(trtllm, ['serve', engine, '--port', '0', '--threads', '1'], { stdio: ['ignore', 'pipe', 'pipe'] });
  servers.push(server);
  server.on('exit', (code) => code && console.error(`trtllm serve ended with ${code}`));
  for await (const line of createInterface(server.stdout)) {
    const [url] = /http:\/\/[\w.:]+/.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error('trtllm serve told no address');
}

async function compare(a, b, seed) {
  const start = performance.now();
  const args = ['bench', 'ab', '--a', a, '--b', b, '--seed', String(seed), ...LOAD, '--json'];
  const { stdout } = await run(trtllm, args, { maxBuffer: 1 << 26 }).catch((error) => (error.stdout ? error : Promise.reject(error)));
  const { verdict, pairs, loss } = JSON.parse(stdout);
  return { verdict, pairs: pairs.length, loss, seconds: (performance.now() - start) / 1000 };
}
