// What is measured: the server's script, the load, and the bars. `--short` takes a share of the time.
const STREAMS = (streams, perSecond, seconds) => ({
  server: { events: Math.round(perSecond * seconds), 'interval-us': Math.round(1e6 / perSecond), 'first-us': 200_000 },
  load: { requests: streams, concurrency: streams, stream: true },
});

/** Bars in µs, or ms of CPU per 1,000 events, or requests a second; each holds as itself or as twice the floor. */
export function casesOf(seconds) {
  return {
    'streams-256': { ...STREAMS(256, 20, seconds), bars: { ttftErrorUs: { p50: 20, p99: 100 }, gapErrorUs: { p50: 20, p99: 100 }, cpuMsPer1000: 5 } },
    'streams-2048': { ...STREAMS(2048, 20, seconds), bars: { ttftErrorUs: { p99: 500 }, gapErrorUs: { p99: 500 } } },
    'poisson-1000': {
      server: { 'first-us': 5000, events: 1 },
      load: { requests: Math.round(1000 * seconds), rate: 1000, concurrency: 2000, stream: false },
      bars: { sendLagUs: { p99: 200 }, dispersion: [0.9, 1.1] },
    },
    'coalesced-16': {
      server: { events: Math.round(320 * seconds), 'interval-us': 50_000, coalesce: 16, 'first-us': 200_000 },
      load: { requests: 64, concurrency: 64, stream: true },
      bars: { cpuMsPer1000: 1.2 },
    },
    'whole-replies': {
      server: { 'first-us': 0, events: 1 },
      load: { requests: Math.round(20_000 * seconds), concurrency: 64, stream: false },
      isPinned: true,
      bars: { requestsPerS: 25_000 },
    },
    'streams-10000': { ...STREAMS(10_000, 5, seconds), isPinned: true, bars: { lostEvents: 0 } },
  };
}
