// llama.cpp's prebuilt library, as node-llama-cpp ships it, held to one instruction set: ggml loads the best CPU backend of a folder,
// so it is given a folder with only the backends allowed. The addon is called directly: no sampling, no JavaScript in the step.
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getBinsDir } from '@node-llama-cpp/linux-x64';

/** @typedef {'best' | 'amx' | 'avx512' | 'avx2'} Isa */

/** Backend files of each class, for any maker of processors. */
const BACKENDS = {
  best: /./,
  amx: /sapphirerapids/,
  avx512: /skylakex|cannonlake|cascadelake|cooperlake|icelake|zen4/,
  avx2: /haswell|alderlake/,
};
const BACKEND_FILE = /^libggml-cpu-(\w+)\.so$/;

/** @param {Isa} isa @returns {{ addon: any, backend: string }} */
export function loadAddon(isa) {
  const require = createRequire(import.meta.url);
  const bins = join(getBinsDir().binsDir, 'linux-x64');
  const addon = require(join(bins, 'llama-addon.node'));
  addon.setLoggerLogLevel(1);
  const folder = linkBackends(bins, BACKENDS[isa]);
  try {
    addon.loadBackends(folder);
    return { addon, backend: loadedBackend(isa) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {string} bins @param {RegExp} allowed */
function linkBackends(bins, allowed) {
  const folder = mkdtempSync(join(tmpdir(), 'trtllm-peers-'));
  for (const file of readdirSync(bins)) {
    const machine = BACKEND_FILE.exec(file)?.[1];
    if (machine && allowed.test(machine)) symlinkSync(join(bins, file), join(folder, file));
  }
  return folder;
}

/** The one backend mapped into this process. @param {Isa} isa */
function loadedBackend(isa) {
  const mapped = new Set([...readFileSync('/proc/self/maps', 'utf8').matchAll(/libggml-cpu-\w+\.so/g)].map(([file]) => file));
  const [file] = mapped;
  if (file === undefined) throw new Error(`llama.cpp has no ${isa} backend that this processor runs`);
  if (mapped.size > 1) throw new Error(`llama.cpp loaded ${[...mapped].join(' and ')}; one expected`);
  return file;
}
