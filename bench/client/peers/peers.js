// The peers: which package at which version, how one is told to run the load, and where it leaves what it measured.
//   command(job)   job: { port, requests, concurrency, events, tokenizer, folder }
//   replies(job)   per request its number (the text of every event), TTFT and gaps between events in ms (no gaps where the tool keeps
//                  none), and its end in ns of CLOCK_MONOTONIC
import { availableParallelism } from 'node:os';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const INPUT_TOKENS = 32;
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const requestOf = (text) => Number(text.trim().split(' ', 1)[0]);
/** Of ms of the wall clock; right to a millisecond. */
const monotonicNs = (wallMs) => Number(process.hrtime.bigint()) + 1e6 * (wallMs - Date.now());
const urlOf = ({ port }) => `http://127.0.0.1:${port}`;

const guidellm = {
  version: '0.8.1',
  // Each worker imports torch, and ten of them is the default. Offline: the tokenizer is a folder.
  environment: { HF_HUB_OFFLINE: '1', GUIDELLM__MAX_WORKER_PROCESSES: String(availableParallelism()) },
  command: (job) => [
    'guidellm', 'run', '--disable-console-interactive',
    '--backend', `kind=openai_http,target=${urlOf(job)},model=scripted,request_format=/v1/completions`,
    '--profile', `kind=concurrent,streams=${job.concurrency}`, '--constraint', `kind=max_requests,count=${job.requests}`,
    '--tokenizer', `kind=hf_auto,model=${job.tokenizer}`,
    '--data', `kind=synthetic_text,prompt_tokens=${INPUT_TOKENS},output_tokens=${job.events}`, '--data-loader', `kind=pytorch,samples=${job.requests}`,
    '--output', `kind=json,path=${join(job.folder, 'report.json')}`,
  ],
  replies: ({ folder }) =>
    readJson(join(folder, 'report.json')).benchmarks[0].requests.successful.map((request) => ({
      request: requestOf(request.output),
      ttft: request.time_to_first_token_ms,
      ended: monotonicNs(1000 * request.request_end_time),
    })),
};

const aiperf = {
  version: '0.13.0',
  environment: {},
  command: (job) => [
    'aiperf', 'profile', '--ui', 'none', '--no-gpu-telemetry', '--no-server-metrics',
    '--model', 'scripted', '--url', urlOf(job), '--endpoint-type', 'completions', '--streaming', '--tokenizer', job.tokenizer,
    '--concurrency', job.concurrency, '--request-count', job.requests, '--isl', INPUT_TOKENS, '--osl', job.events,
    '--export-outputs-json', '--artifact-dir', job.folder,
  ],
  replies({ folder }) {
    const texts = new Map(readJson(join(folder, 'outputs.json')).data.map((output) => [output.x_request_id, output.response_text]));
    const lines = readFileSync(join(folder, 'profile_export.jsonl'), 'utf8').trim().split('\n');
    return lines.map(JSON.parse).map(({ metadata, metrics }) => ({
      request: requestOf(texts.get(metadata.x_request_id)),
      ttft: metrics.time_to_first_token.value,
      gaps: metrics.inter_chunk_latency.value,
      ended: monotonicNs(metadata.request_end_ns / 1e6),
    }));
  },
};

const vllm = {
  version: '0.33.0',
  environment: { HF_HUB_OFFLINE: '1' },
  command: (job) => [
    'vllm', 'bench', 'serve', '--disable-tqdm', '--backend', 'openai', '--base-url', urlOf(job), '--model', 'scripted', '--tokenizer', job.tokenizer,
    '--dataset-name', 'random', '--random-input-len', INPUT_TOKENS, '--random-output-len', job.events,
    '--num-prompts', job.requests, '--max-concurrency', job.concurrency,
    '--save-result', '--save-detailed', '--result-dir', job.folder, '--result-filename', 'result.json',
  ],
  replies({ folder, events }) {
    const result = readJson(join(folder, 'result.json'));
    const ms = (seconds) => 1000 * seconds;
    // It takes the end of the stream, an event without text, for a token.
    return result.generated_texts.map((text, i) => ({
      request: requestOf(text),
      ttft: ms(result.ttfts[i]),
      gaps: result.itls[i].slice(0, events - 1).map(ms),
      ended: 1e9 * (result.start_times[i] + result.latencies[i]),
    }));
  },
};

export const PEERS = { guidellm, aiperf, vllm };
