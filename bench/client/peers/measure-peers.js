// Other load clients beside ours, against the scripted server: `node bench/client/peers/measure-peers.js`; README.md says what it needs.
//   --seconds S [12]     --case streams-256,coalesced-16   --tool floor,native,node,guidellm,aiperf,vllm   --rounds N [1]
//   --venvs DIR          --native-dir DIR                  --json FILE
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { casesOf } from '../cases.js';
import { compareLogs } from '../marks.js';
import { contestant, TOOLS } from './contestants.js';
import { PEERS } from './peers.js';
import { runSampled, startServer } from './run.js';
import { streamsOf } from './server-log.js';
import { printHead, printResult, rowsOf } from './table.js';

const root = new URL('../../..', import.meta.url).pathname;
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '12' },
    case: { type: 'string', default: 'streams-256,coalesced-16' },
    tool: { type: 'string', default: 'floor,native,node,guidellm,aiperf,vllm' },
    rounds: { type: 'string', default: '1' },
    venvs: { type: 'string', default: join(process.env.TRTLLM_CACHE ?? join(homedir(), '.cache/trtllm'), 'client-peers') },
    'native-dir': { type: 'string', default: join(root, 'native/build/release') },
    json: { type: 'string' },
  },
});
const cases = casesOf(Number(values.seconds));
const names = listOf('case', Object.keys(cases).filter((name) => cases[name].load.stream));
const tools = listOf('tool', TOOLS);
const tokenizer = join(root, 'models/stories260K');

function listOf(flag, known) {
  const list = values[flag].split(',');
  const unknown = list.find((name) => !known.includes(name));
  if (unknown === undefined) return list;
  console.error(`--${flag}: expected some of ${known.join(', ')}; found '${unknown}'`);
  process.exit(2);
}

/** One client's figures: CPU in ms per 1,000 events while streams ran and from the first request to its end, errors in µs. */
async function measure(client, { server: script, load }) {
  const folder = mkdtempSync(join(tmpdir(), 'measure-peers-'));
  const serverLog = join(folder, 'server.log');
  const server = await startServer(join(values['native-dir'], 'scripted_server'), script, serverLog);
  const job = { ...load, port: server.port, events: script.events, tokenizer, folder: join(folder, 'client'), log: join(folder, 'client.log') };
  mkdirSync(job.folder);
  try {
    const loadBefore = loadavg()[0];
    const cpuS = await runSampled(client.command(job), client.environment, job.folder);
    await server.stop();
    const streams = streamsOf(serverLog, script.events);
    if (streams.count !== load.requests) throw new Error(`the server streamed ${streams.count} of ${load.requests} replies to their end`);
    const { hasGaps, ended } = client.marks(job);
    const { ttftErrorUs, gapErrorUs } = compareLogs(serverLog, job.log);
    if (hasGaps && Number.isNaN(gapErrorUs.p50)) throw new Error('it kept no event (are trtllm-loadgen and packages of one build?)');
    const perThousand = 1e6 / (load.requests * script.events);
    const cpuMsPer1000 = perThousand * cpuS(streams.from, Math.max(streams.to, ended));
    const toExit = perThousand * cpuS(streams.from, Infinity);
    return { cpuMsPer1000, cpuMsPer1000ToExit: toExit, ttftErrorUs, gapErrorUs: hasGaps ? gapErrorUs : undefined, load: loadBefore };
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

async function attempt(name, aCase) {
  try {
    const client = await contestant(name, { nativeDir: values['native-dir'], venvs: values.venvs });
    const figures = await measure(client, aCase);
    return { tool: client.name, version: client.version, ...figures };
  } catch (error) {
    return { tool: name, version: PEERS[name]?.version ?? '', reason: error.message };
  }
}

const rows = [];
for (const name of names) {
  const results = [];
  printHead(name);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const tool of tools) {
      results.push(await attempt(tool, cases[name]));
      printResult(results.at(-1));
    }
  }
  rows.push(...rowsOf(name, cases[name].bars, results));
}
if (values.json !== undefined) writeFileSync(values.json, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
