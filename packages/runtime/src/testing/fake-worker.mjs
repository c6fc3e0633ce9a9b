#!/usr/bin/env node
// Speaks the worker protocol and computes nothing: it parrots the prompt, token after token. How it behaves stands in fake.json of
// the engine directory, so that tests need neither an engine nor the native build.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { encodeFrame, FrameDecoder, tailAsInt32 } from '@trtllm/protocol';

const flag = (name) => process.argv[process.argv.indexOf(name) + 1];
const engine = flag('--engine');

/** See FakeBehaviour in fake-engine.ts. */
const behaviour = JSON.parse(readFileSync(join(engine, 'fake.json'), 'utf8'));
const socket = connect(flag('--connect').slice('unix:'.length));
const send = (header, tail) => socket.write(encodeFrame(header, tail));
const live = new Map();
let iteration = 0;

socket.on('error', () => {});
socket.on('close', () => process.exit(0));
const decoder = new FrameDecoder();
socket.on('data', (chunk) => decoder.push(chunk).forEach(({ header, tail }) => take(header, tail)));

send({ type: 'hello', protocol_version: behaviour.protocol_version ?? 1, build: 'fake', pid: process.pid });
if (behaviour.failed) {
  send({ type: 'failed', ...behaviour.failed });
  socket.end(() => process.exit(1));
} else {
  if (behaviour.load_ms) await setTimeout(behaviour.load_ms);
  send({ type: 'ready', ...ready(), ...behaviour.ready });
}

function ready() {
  return {
    isa: 'fake', threads: 1, dtype: 'float32', kv_cache_dtype: 'float32', vocab_size: 512, max_batch_size: 4, max_num_tokens: 64, max_seq_len: 200,
    max_queue_size: 8, num_blocks: 64, tokens_per_block: 32, block_bytes: 1024, weight_bytes: 1048576, cpu_features: 'none',
    capacity_policy: 'GUARANTEED_NO_EVICT', enable_block_reuse: true, enable_chunked_context: true, load_ms: 1,
  };
}

function take(header, tail) {
  if (header.type === 'submit') void run(header, [...tailAsInt32(tail)]);
  else if (header.type === 'cancel') live.get(header.id)?.abort();
  else if (header.type === 'ping') send({ type: 'pong', nonce: header.nonce });
  else if (header.type === 'drain') void setTimeout(behaviour.drain_ms ?? 0).then(() => process.exit(0));
}

async function run(request, prompt) {
  const { id } = request;
  if (behaviour.error) return step({ id, num_tokens: 0, finish: 'error', error: behaviour.error }, []);
  const cancelled = new AbortController();
  live.set(id, cancelled);
  if (request.context_logits) send({ type: 'logits', id, first_row: 0, num_rows: prompt.length, vocab_size: 512 }, logits(prompt));
  let finish;
  for (let i = 0; !finish; i++) {
    if (behaviour.step_ms) await setTimeout(behaviour.step_ms);
    if (cancelled.signal.aborted) {
      step({ id, num_tokens: 0, finish: 'cancelled' }, []);
      break;
    }
    if (behaviour.exit_after === i) process.kill(process.pid, 'SIGKILL');
    const token = prompt[i % prompt.length];
    if (request.stop_token_ids.includes(token) && i >= (request.sampling.min_tokens ?? 0)) finish = 'stop';
    else if (i + 1 === request.max_tokens) finish = 'length';
    step({ id, num_tokens: 1, ...(finish ? { finish } : {}), ...extras(request.sampling, prompt, token, i) }, [token]);
  }
  live.delete(id);
  send({ type: 'stats', records: [{ iter: iteration, seed: request.sampling.seed, inflightBatchingStats: { b: 1, a: 2 } }],
    total_blocks: 64, free_blocks: 64, num_active: live.size, num_queued: 0 });
}

function step(event, ids) {
  send({ type: 'step', iteration: ++iteration, events: [event] }, Int32Array.from(ids));
}

function extras(sampling, prompt, token, i) {
  const of = (id, n) => ({ logprob: -0.5, rank: 1, top: [[id, -0.5], [id + 1, -1.5]].slice(0, n) });
  return {
    ...(i === 0 ? { cached_tokens: Math.min(2, prompt.length) } : {}),
    ...(sampling.num_logprobs >= 0 ? { logprobs: [of(token, sampling.num_logprobs)] } : {}),
    ...(i === 0 && sampling.num_prompt_logprobs >= 0
      ? { prompt_logprobs: prompt.map((id, at) => (at === 0 ? null : of(id, sampling.num_prompt_logprobs))) }
      : {}),
  };
}

function logits(prompt) {
  return Float32Array.from({ length: prompt.length * 512 }, (_, i) => Math.floor(i / 512) + (i % 512) / 1024);
}
