// Everyone who runs the load, in one form: { name, version, command(job), environment, marks(job) }. `marks` leaves at job.log what the
// client measured, in the form of the server's log, and says whether gaps are in it and when the last reply was read (CLOCK_MONOTONIC, ns;
// 0: with the last write).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PEERS } from './peers.js';
import { writeAsMarks } from './server-log.js';
import { programsOf } from './venv.js';

const OURS = { native: 'trtllm (native)', node: 'trtllm (node)' };
const OWN_LOG = { hasGaps: true, ended: 0 };
const { version: ourVersion } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));

function floor(nativeDir) {
  const flags = ({ port, requests, concurrency, log }) => Object.entries({ port, requests, concurrency, log }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return { name: 'bare loop in C', version: ourVersion, environment: {}, command: (job) => [join(nativeDir, 'receive_floor'), ...flags(job)], marks: () => OWN_LOG };
}

function ours(client, nativeDir) {
  const script = new URL('../run-client.js', import.meta.url).pathname;
  const loadgen = join(nativeDir, 'trtllm-loadgen');
  const command = ({ port, requests, concurrency, log }) => [process.execPath, script, JSON.stringify({ port, requests, concurrency, log, stream: true, client, workers: 1, loadgen })];
  return { name: OURS[client], version: ourVersion, environment: {}, command, marks: () => OWN_LOG };
}

async function peer(name, venvs) {
  const { version, environment, command, replies } = PEERS[name];
  const programs = await programsOf(venvs, name, version);
  return {
    name,
    version,
    environment,
    command: (job) => command(job).map((word, i) => (i === 0 ? join(programs, word) : String(word))),
    marks(job) {
      const found = replies(job);
      if (found.length !== job.requests) throw new Error(`its results hold ${found.length} of ${job.requests} requests`);
      writeAsMarks(job.log, found);
      return { hasGaps: found.every(({ gaps }) => gaps?.length === job.events - 1), ended: Math.max(...found.map(({ ended }) => ended)) };
    },
  };
}

export const TOOLS = ['floor', ...Object.keys(OURS), ...Object.keys(PEERS)];

/** Of one of TOOLS. */
export async function contestant(name, { nativeDir, venvs }) {
  if (name === 'floor') return floor(nativeDir);
  if (name in OURS) return ours(name, nativeDir);
  return peer(name, venvs);
}
