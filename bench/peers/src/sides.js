// Makes each side of a row ready: our engine built, the peer's file written, both cached; then the processes that hold them.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Contestant } from './contestant.js';
import { ensureModelGguf } from './model-gguf.js';
import { readShape, shapePath } from './shape.js';
import { FORMATS } from './workloads.js';

/** @typedef {import('./rows.js').Row} Row */
/** @typedef {import('./workloads.js').Format} Format */

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
export const TRTLLM = join(REPOSITORY, 'bin', 'trtllm');
export const NATIVE = process.env['TRTLLM_NATIVE_DIR'] ?? join(REPOSITORY, 'native', 'build', 'release');
const CACHE = join(process.env['TRTLLM_CACHE'] ?? join(homedir(), '.cache', 'trtllm'), 'peers');

/** @param {Row} row @param {number} threads @returns {Promise<Contestant>} */
export async function openOurSide({ workload, format, isa }, threads) {
  const engine = await ensureEngine(workload.shape, format);
  return Contestant.open({ side: 'ours', engine, nativeDirectory: NATIVE, isa, threads, load: workload.load });
}

/** @param {Row} row @param {number} threads @returns {Promise<Contestant>} */
export async function openPeerSide({ workload, format, isa }, threads) {
  const fileFormat = FORMATS[format].gguf;
  const file = join(CACHE, 'gguf', `${workload.shape}-${fileFormat}.gguf`);
  ensureModelGguf(file, readShape(workload.shape), fileFormat);
  return Contestant.open({ side: 'peer', file, isa, threads, load: workload.load });
}

/** The engine's directory, built unless it is there. @param {import('./workloads.js').Workload['shape']} shape @param {Format} format */
export async function ensureEngine(shape, format) {
  const directory = join(CACHE, 'engines', `${shape}-${format}`);
  if (existsSync(join(directory, 'config.json'))) return directory;
  const qformat = format === 'bf16' ? [] : ['--qformat', format];
  try {
    await promisify(execFile)(TRTLLM, ['build', '--config', shapePath(shape), '--dummy-weights', ...qformat, '--output_dir', directory]);
  } catch (error) {
    throw new Error(`not built: ${lastLine(/** @type {{ stderr?: string }} */ (error).stderr ?? String(error))}`, { cause: error });
  }
  return directory;
}

/** @param {string} text */
function lastLine(text) {
  return text.trim().split('\n').find((line) => /error/i.test(line)) ?? text.trim().split('\n').at(-1) ?? '';
}
