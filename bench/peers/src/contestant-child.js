// The process that holds one side, loaded, between its turns. Asks over IPC: open, then measure as often as wanted.
import { readFileSync } from 'node:fs';

/** @type {import('./contestant.js').Loaded | undefined} */
let side;
let pid = process.pid;
let ownBytes = 0;

process.on('message', (/** @type {any} */ ask) => {
  answer(ask).then(
    (value) => process.send?.({ value }),
    (error) => process.send?.({ error: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit());

/** @param {any} ask */
async function answer(ask) {
  if (ask.open) return open(ask.open);
  if (!side) throw new Error('not open');
  return { ...(await side.measure()), peak_bytes: peakBytes(pid) - ownBytes };
}

/** @param {any} options @returns {Promise<import('./contestant.js').Facts>} */
async function open(options) {
  if (options.side === 'peer') ownBytes = peakBytes(process.pid);
  const opened = options.side === 'peer' ? await (await import('./llama.js')).openLlama(options) : await (await import('./ours.js')).openOurs(options);
  side = opened;
  if (opened.facts.pid !== undefined) pid = opened.facts.pid;
  return opened.facts;
}

/** Peak resident memory, without Node's own in the process that hosts llama.cpp. @param {number} process */
function peakBytes(process) {
  return 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${process}/status`, 'utf8'))?.[1] ?? 0);
}
