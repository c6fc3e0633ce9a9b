// One side of a comparison, in a process of its own that stays loaded and idle between its turns.
import { fork } from 'node:child_process';
import { once } from 'node:events';

/** @typedef {import('./llama.js').Timing} Timing */
/**
 * @typedef {object} Facts
 * @property {string} backend instruction set or library file that computes
 * @property {number} ready_ms
 * @property {number} [pid] of the process that computes, if it is another
 * @property {number} [weight_bytes]
 * @property {number} [kv_bytes_per_token]
 */
/**
 * What `openLlama` and `openOurs` give.
 * @typedef {{ measure: () => Promise<{ prefill: Timing, decode: Timing }>, facts: Facts }} Loaded
 */
/** @typedef {{ prefill: Timing, decode: Timing, peak_bytes: number }} Measured */

export class Contestant {
  /** @param {import('node:child_process').ChildProcess} child @param {Facts} facts */
  constructor(child, facts) {
    this.child = child;
    this.facts = facts;
  }

  /** @param {object} options of openLlama or openOurs, and which side */
  static async open(options) {
    const child = fork(new URL('./contestant-child.js', import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    try {
      return new Contestant(child, await ask(child, { open: options }));
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  /** @returns {Promise<Measured>} */
  measure() {
    return ask(this.child, { measure: true });
  }

  async close() {
    if (this.child.exitCode !== null) return;
    this.child.disconnect();
    await once(this.child, 'exit');
  }
}

/** @param {import('node:child_process').ChildProcess} child @param {object} message @returns {Promise<any>} */
function ask(child, message) {
  return new Promise((resolve, reject) => {
    /** @param {any} reply */
    const onReply = (reply) => {
      child.off('exit', onExit);
      if (reply.error === undefined) resolve(reply.value);
      else reject(new Error(reply.error));
    };
    /** @param {number | null} code @param {string | null} signal */
    const onExit = (code, signal) => {
      child.off('message', onReply);
      reject(new Error(`its process ended by ${signal ?? `status ${code}`}`));
    };
    child.once('message', onReply);
    child.once('exit', onExit);
    child.send(message);
  });
}
