// Logs of a server and of a client side by side: how far the client's TTFT and gaps are from what the server did, and what was lost.
import { readFileSync } from 'node:fs';

/** Linear between order statistics; of an ascending list. */
export function percentile(sorted, p) {
  const at = ((sorted.length - 1) * p) / 100;
  const low = Math.floor(at);
  return sorted.length === 0 ? NaN : sorted[low] + (at - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
}

/** request -> { sent, events }, ns as numbers from `origin`, which keeps them exact. */
function readMarks(path, origin) {
  const bytes = readFileSync(path);
  const requests = new Map();
  for (let at = 0; at < bytes.length; at += 16) {
    const id = bytes.readUInt32LE(at);
    if (!requests.has(id)) requests.set(id, { sent: undefined, events: [] });
    const event = bytes.readInt32LE(at + 4);
    const ns = Number(bytes.readBigInt64LE(at + 8) - origin);
    if (event < 0) requests.get(id).sent = ns;
    else requests.get(id).events[event] = ns;
  }
  return requests;
}

/** Absolute errors in µs: TTFT against request arrived -> first write, gaps against gaps of writes; and the dispersion of sends. */
export function compareLogs(serverLog, clientLog) {
  const origin = readFileSync(serverLog).readBigInt64LE(8);
  const server = readMarks(serverLog, origin);
  const client = readMarks(clientLog, origin);
  const ttft = [];
  const gaps = [];
  let lostEvents = 0;
  for (const [id, written] of server) {
    const read = client.get(id) ?? { events: [] };
    lostEvents += Math.abs(written.events.length - read.events.length);
    if (read.events.length === 0) continue;
    ttft.push(Math.abs(read.events[0] - read.sent - (written.events[0] - written.sent)) / 1000);
    for (let i = 1; i < read.events.length; i++) {
      gaps.push(Math.abs(read.events[i] - read.events[i - 1] - (written.events[i] - written.events[i - 1])) / 1000);
    }
  }
  return { ttftErrorUs: spread(ttft), gapErrorUs: spread(gaps), lostEvents, dispersion: dispersionOf([...server.values()].map(({ sent }) => sent)) };
}

function spread(values) {
  const sorted = values.sort((a, b) => a - b);
  return { p50: percentile(sorted, 50), p99: percentile(sorted, 99) };
}

/** Variance over mean of the arrivals in 10 ms: 1 of a Poisson process. */
function dispersionOf(arrivals) {
  const first = Math.min(...arrivals.slice(0, 1000));
  const counts = [];
  for (const at of arrivals) {
    const bucket = Math.floor((at - first) / 1e7);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  const whole = Array.from(counts.slice(0, -1), (count) => count ?? 0);
  const mean = whole.reduce((a, b) => a + b, 0) / whole.length;
  return whole.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (whole.length - 1) / mean;
}
