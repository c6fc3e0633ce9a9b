// Serving rows: requests of random ids through HTTP at one concurrency, by our own client, to our server or to any OpenAI server.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { runBenchmark } from '../../../packages/bench/dist/index.js';
import { readShape } from './shape.js';
import { ensureEngine, NATIVE, TRTLLM } from './sides.js';

/** @typedef {import('./rows.js').Row} Row */

/** A running `trtllm serve`. @param {Row} row @param {number} threads */
export async function startOurServer({ workload, format, isa }, threads) {
  const engine = await ensureEngine(workload.shape, format);
  const flags = ['--port', '0', '--threads', String(threads), ...(isa === 'best' ? [] : ['--isa', isa])];
  const server = spawn(TRTLLM, ['serve', engine, ...flags], { env: { ...process.env, TRTLLM_NATIVE_DIR: NATIVE }, stdio: ['ignore', 'ignore', 'pipe'] });
  const url = await readyUrl(server);
  return {
    url,
    stop: async () => {
      server.kill('SIGTERM');
      if (server.exitCode === null) await once(server, 'exit');
    },
  };
}

/** @param {import('node:child_process').ChildProcess} server @returns {Promise<string>} */
function readyUrl(server) {
  return new Promise((resolve, reject) => {
    let last = '';
    if (server.stderr)
      createInterface(server.stderr).on('line', (line) => {
        last = line;
        const url = /ready: .* at (http\S+)/.exec(line)?.[1];
        if (url) resolve(url);
      });
    server.once('exit', () => reject(new Error(`trtllm serve ended before it was ready: ${last}`)));
  });
}

/** @param {Row} row @param {string} baseUrl */
export async function measureServer({ workload }, baseUrl) {
  const { inputLength, outputLength, streams } = workload.load;
  const report = await runBenchmark({
    baseUrl,
    numPrompts: workload.requests ?? streams,
    inputLen: inputLength,
    outputLen: outputLength,
    maxConcurrency: streams,
    vocabSize: readShape(workload.shape).vocab_size,
    tokenizeOnClient: true,
    ignoreEos: true,
    seed: 0,
  });
  return report;
}
