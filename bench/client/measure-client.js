// Measures the load client against the scripted server, beside a bare receive loop in C: `node bench/client/measure-client.js`.
//   --seconds S [60]   --case NAME (again for more)   --client floor,floor-kernel,node,native   --workers 1,2,10   --awake (cores, by the native client)
// Needs `cmake --build native/build/release --target scripted_server receive_floor trtllm-loadgen` and `make packages`.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs, promisify } from 'node:util';
import { casesOf } from './cases.js';
import { compareLogs } from './marks.js';
import { printCase } from './verdict.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    case: { type: 'string', multiple: true },
    client: { type: 'string', default: 'floor,floor-kernel,node,native' },
    workers: { type: 'string', default: '1' },
    awake: { type: 'boolean', default: false },
    'native-dir': { type: 'string', default: new URL('../../native/build/release', import.meta.url).pathname },
  },
});
const run = promisify(execFile);
const scratch = mkdtempSync(join(tmpdir(), 'measure-client-'));

const flagsOf = (options) => Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(Number(value))]);
/** The server gets the last core, a client that is measured on one core the first. */
const onCore = (core, command) => (core === undefined ? command : ['taskset', '-c', String(core), ...command]);

async function startServer(script, log, core) {
  const [command, ...args] = onCore(core, [join(values['native-dir'], 'scripted_server'), ...flagsOf(script), '--log', log]);
  const server = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(server.stdout), 'line');
  return { port: JSON.parse(line).port, stop: () => (server.kill('SIGTERM'), once(server, 'exit')) };
}

function clientCommand({ kind, workers }, load, port, log) {
  if (kind.startsWith('floor')) {
    const options = flagsOf({ ...load, port, 'kernel-stamps': kind === 'floor-kernel' });
    return [join(values['native-dir'], 'receive_floor'), ...options, '--log', log];
  }
  const job = { ...load, port, client: kind, workers, awake: values.awake && kind === 'native', log, loadgen: join(values['native-dir'], 'trtllm-loadgen') };
  return [process.execPath, new URL('run-client.js', import.meta.url).pathname, JSON.stringify(job)];
}

async function measure(client, { server: script, load, isPinned }) {
  const serverLog = join(scratch, 'server');
  const clientLog = join(scratch, 'client');
  const server = await startServer(script, serverLog, isPinned ? 1 : undefined);
  try {
    const [command, ...args] = onCore(isPinned ? 0 : undefined, clientCommand(client, load, server.port, clientLog));
    const { stdout } = await run(command, args, { maxBuffer: 1 << 26 });
    await server.stop();
    const figures = JSON.parse(stdout);
    const cpuMsPer1000 = (1e6 * figures.cpuS) / figures.events;
    return { ...figures, ...compareLogs(serverLog, clientLog), cpuMsPer1000, requestsPerS: figures.requests / figures.seconds };
  } catch (error) {
    await server.stop().catch(() => {});
    throw error;
  }
}

function clients() {
  const workers = values.workers.split(',').map(Number);
  return values.client.split(',').flatMap((kind) => (kind === 'native' ? workers.map((count) => ({ name: `native x${count}`, kind, workers: count })) : [{ name: kind, kind }]));
}

const cases = casesOf(Number(values.seconds));
for (const name of values.case ?? Object.keys(cases)) {
  const results = {};
  for (const client of clients()) results[client.name] = await measure(client, cases[name]);
  printCase(name, cases[name].bars, results);
}
rmSync(scratch, { recursive: true });
