// One row: both sides loaded, turns A/B/A/B, the machine's roofline in the same minute between the rounds.
import { join } from 'node:path';
import { measureRoofline } from '../../../packages/bench/dist/index.js';
import { limitOf, median, timesBetter } from './limits.js';
import { measureServer, startOurServer } from './serving.js';
import { readShape } from './shape.js';
import { NATIVE, openOurSide, openPeerSide } from './sides.js';

/** @typedef {import('./rows.js').Row} Row */
/** @typedef {import('./contestant.js').Contestant} Contestant */
/** @typedef {import('../../../packages/bench/dist/index.js').Roofline} Roofline */
/** @typedef {{ value: number, details?: object }} Sample */
/**
 * One side of a row, whatever it is behind: a turn gives one sample.
 * @typedef {{ turn: () => Promise<Sample>, close: () => Promise<void>, backend: string, facts: Partial<import('./contestant.js').Facts> }} Side
 */
/** @typedef {{ threads: number, rounds: number, peerUrl?: string | undefined, onProgress: (text: string) => void }} Settings */
/** @typedef {Awaited<ReturnType<typeof runRow>>} RowResult */

const ROOFLINE_SECONDS = 1;
const ROOFLINE = join(NATIVE, 'trtllm-roofline');

/** This machine's instruction sets, fastest last. */
export async function machineIsas() {
  const { isas } = await measureRoofline({ executable: ROOFLINE, threads: 1, seconds: 0.01 });
  return isas;
}

/** A side that cannot be measured leaves its column null, with the reason. @param {Row} row @param {Settings} settings */
export async function runRow(row, settings) {
  const ours = await openOr(() => ourSide(row, settings));
  const peer = await openOr(() => peerSide(row, settings));
  /** @type {{ ours: Sample | null, peer: Sample | null }[]} */
  const rounds = [];
  /** @type {Roofline[]} */
  const rooflines = [];
  try {
    if (!ours.side && !peer.side) settings.onProgress('neither side runs');
    else
      for (let round = 1; round <= settings.rounds; round++) {
        settings.onProgress(`round ${round} of ${settings.rounds}`);
        rooflines.push(await measureRoofline({ executable: ROOFLINE, threads: settings.threads, seconds: ROOFLINE_SECONDS }));
        rounds.push({ ours: await takeTurn(ours), peer: await takeTurn(peer) });
      }
  } finally {
    await ours.side?.close();
    await peer.side?.close();
  }
  return resultOf(row, ours, peer, rounds, rooflines);
}

/** @typedef {{ side?: Side, reason?: string }} Opened */

/** @param {() => Promise<Side>} open @returns {Promise<Opened>} */
async function openOr(open) {
  try {
    return { side: await open() };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** A side that fails in a turn has no further one. @param {Opened} opened */
async function takeTurn(opened) {
  if (!opened.side) return null;
  try {
    return await opened.side.turn();
  } catch (error) {
    opened.reason = error instanceof Error ? error.message : String(error);
    await opened.side.close();
    delete opened.side;
    return null;
  }
}

/** @param {Row} row @param {Settings} settings @returns {Promise<Side>} */
async function ourSide(row, { threads }) {
  if (row.workload.kind !== 'serving') return contestantSide(row, () => openOurSide(row, threads));
  const server = await startOurServer(row, threads);
  return serverSide(row, server.url, server.stop);
}

/** @param {Row} row @param {Settings} settings @returns {Promise<Side>} */
async function peerSide(row, { threads, peerUrl }) {
  if (row.workload.kind !== 'serving') return contestantSide(row, () => openPeerSide(row, threads));
  if (peerUrl === undefined) throw new Error('node-llama-cpp has no server: start one and give --peer-url');
  return serverSide(row, peerUrl, async () => {});
}

/** Ready time and peak memory belong to a fresh process, so those rows open one each turn. @param {Row} row @param {() => Promise<Contestant>} open @returns {Promise<Side>} */
async function contestantSide({ workload }, open) {
  let held = await open();
  const isFresh = workload.kind === 'ready' || workload.kind === 'memory';
  const turn = async () => {
    if (isFresh) {
      await held.close();
      held = await open();
    }
    const measured = await held.measure();
    return { value: valueOf(workload, held.facts, measured), details: measured };
  };
  return { turn, close: () => held.close(), backend: held.facts.backend, facts: held.facts };
}

/** @param {Row} row @param {string} url @param {() => Promise<void>} close @returns {Promise<Side>} */
async function serverSide(row, url, close) {
  const turn = async () => {
    const { outputThroughput, completed, failed, latencies } = await measureServer(row, url);
    return { value: outputThroughput, details: { completed, failed, ttft: latencies.ttft, itl: latencies.itl } };
  };
  return { turn, close, backend: url, facts: {} };
}

/** @param {import('./workloads.js').Workload} workload @param {import('./contestant.js').Facts} facts @param {import('./contestant.js').Measured} measured */
export function valueOf({ kind, load }, facts, { prefill, decode, peak_bytes }) {
  if (kind === 'ready') return facts.ready_ms;
  if (kind === 'memory') return peak_bytes / 1e6;
  if (kind === 'prefill') return prefill.tokens / prefill.seconds;
  const perSecond = decode.tokens / decode.seconds;
  return kind === 'step' ? (1000 * load.streams) / perSecond : perSecond;
}

/** @param {Row} row @param {Opened} ours @param {Opened} peer @param {{ ours: Sample | null, peer: Sample | null }[]} rounds @param {Roofline[]} rooflines */
function resultOf(row, ours, peer, rounds, rooflines) {
  const { kind, shape, name } = row.workload;
  const middle = (/** @type {(Sample | null)[]} */ samples) => {
    const values = samples.flatMap((sample) => (sample === null ? [] : [sample.value]));
    return values.length ? median(values) : null;
  };
  const ourValue = middle(rounds.map((round) => round.ours));
  const peerValue = middle(rounds.map((round) => round.peer));
  const { weight_bytes = NaN, kv_bytes_per_token = NaN } = ours.side?.facts ?? {};
  const limits = rooflines.flatMap((roofline) => limitOf(row, readShape(shape), roofline, { weight_bytes, kv_bytes_per_token }) ?? []);
  const limit = limits.length && limits.every(({ value }) => value > 0) ? median(limits.map(({ value }) => value)) : null;
  return {
    workload: name,
    format: row.format,
    isa: row.isa,
    kind,
    ours: ourValue,
    peer: peerValue,
    peer_name: kind === 'serving' ? (peer.side?.backend ?? 'llama.cpp') : 'llama.cpp',
    ratio: timesBetter(kind, ourValue, peerValue),
    limit_fraction: timesBetter(kind, ourValue, limit),
    limit,
    limit_of: limits[0]?.of ?? null,
    ours_backend: ours.side?.backend ?? null,
    ours_reason: ours.reason ?? null,
    ours_bytes: ours.side ? { weight_bytes, kv_bytes_per_token } : null,
    peer_backend: peer.side?.backend ?? null,
    peer_reason: peer.reason ?? null,
    rounds,
    rooflines,
  };
}
