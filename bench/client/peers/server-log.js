// What of the scripted server's log the peers need beside bench/client/marks.js: which requests were streams, and when they ran.
import { readFileSync, writeFileSync } from 'node:fs';

/** Requests with all `events` (a peer may ask other things first), the arrival of the first and the last write, in ns of CLOCK_MONOTONIC. */
export function streamsOf(path, events) {
  const bytes = readFileSync(path);
  const arrivals = new Map();
  const streams = new Set();
  let to = 0;
  for (let at = 0; at < bytes.length; at += 16) {
    const request = bytes.readUInt32LE(at);
    const event = bytes.readInt32LE(at + 4);
    const ns = Number(bytes.readBigInt64LE(at + 8));
    if (event < 0) arrivals.set(request, ns);
    if (event === events - 1) streams.add(request);
    if (event >= 0) to = Math.max(to, ns);
  }
  return { count: streams.size, from: Math.min(...[...streams].map((request) => arrivals.get(request))), to };
}

/** A peer's TTFT and gaps (ms) in the form of a log, as if each request had been sent at 0: marks.js compares only differences. */
export function writeAsMarks(path, replies) {
  const marks = replies.flatMap(({ request, ttft, gaps }) => {
    let at = ttft;
    return [[request, -1, 0], [request, 0, at], ...(gaps ?? []).map((gap, i) => [request, i + 1, (at += gap)])];
  });
  const log = Buffer.alloc(16 * marks.length);
  marks.forEach(([request, event, ms], i) => {
    log.writeUInt32LE(request, 16 * i);
    log.writeInt32LE(event, 16 * i + 4);
    log.writeBigInt64LE(BigInt(Math.round(ms * 1e6)), 16 * i + 8);
  });
  writeFileSync(path, log);
}
