// A run of the scripted server and of one client against it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sampleCpu } from './process-cpu.js';

/** A peer on a busy machine takes a minute to start. */
const LIMIT_MS = 300_000;

export async function startServer(program, script, log) {
  const flags = Object.entries({ ...script, log }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const server = spawn(program, flags, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(server.stdout), 'line');
  const stop = async () => {
    if (server.exitCode !== null || !server.kill('SIGTERM')) return;
    await once(server, 'exit');
  };
  return { port: JSON.parse(line).port, stop };
}

/** CPU seconds of the command and all its processes as a function of two times in ns of CLOCK_MONOTONIC. What it prints goes to a file. */
export async function runSampled([program, ...args], environment, folder) {
  const printed = join(folder, 'printed');
  const output = openSync(printed, 'w');
  const child = spawn(program, args, { env: { ...process.env, ...environment }, cwd: folder, stdio: ['ignore', output, output], timeout: LIMIT_MS });
  closeSync(output);
  await once(child, 'spawn');
  const sampler = sampleCpu(child.pid);
  const [code, signal] = await once(child, 'exit');
  const cpuS = sampler.stop();
  if (code !== 0) throw new Error(`ended with ${signal ?? code}: ${readFileSync(printed, 'utf8').trim().split('\n').at(-1)}`);
  return cpuS;
}
