// Clients that hang up: their requests leave the engine, and every KV block comes back.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slowEngine, storiesEngine, type TestEngine } from './support/engines.js';
import { blockCounts, startServer, until, type BlockCounts, type TestServer } from './support/server.js';

const engines: TestEngine[] = [];
const servers: TestServer[] = [];
async function serverOf(engine: Promise<TestEngine>): Promise<TestServer> {
  engines.push(await engine);
  servers.push(await startServer(engines.at(-1)!.directory));
  return servers.at(-1)!;
}
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await Promise.all(engines.map((engine) => engine.remove()));
});

describe('a client that hangs up', () => {
  let server: TestServer;
  beforeAll(async () => (server = await serverOf(slowEngine())));

  it('in mid-stream frees its blocks at once, long before its output would have ended', async () => {
    const stream = await server.client.completions.create({ model: server.model, prompt: 'Once', max_tokens: 4000, temperature: 0, ignore_eos: true, stream: true } as never);
    const chunks = (stream as unknown as AsyncIterable<object>)[Symbol.asyncIterator]();
    for (let i = 0; i < 5; i++) expect((await chunks.next()).done).toBe(false);
    let busy: BlockCounts | undefined;
    await until('blocks in use are reported', 2_000, async () => ((busy = await blockCounts(server))?.usedNumBlocks ?? 0) > 0);
    (stream as unknown as { controller: AbortController }).controller.abort();
    await until('all blocks are free again', 1_000, async () => (await blockCounts(server))?.usedNumBlocks === 0);
    expect(busy!.freeNumBlocks + busy!.usedNumBlocks).toBe(busy!.maxNumBlocks);
  });

  it('while it waits for a whole reply frees its blocks, too', async () => {
    const hangUp = new AbortController();
    const reply = server.client.completions.create({ model: server.model, prompt: 'Once', max_tokens: 4000, ignore_eos: true } as never, { signal: hangUp.signal });
    const ended = expect(reply).rejects.toThrow(/abort/i);
    await until('blocks in use are reported', 2_000, async () => ((await blockCounts(server))?.usedNumBlocks ?? 0) > 0);
    hangUp.abort();
    await ended;
    await until('all blocks are free again', 1_000, async () => (await blockCounts(server))?.usedNumBlocks === 0);
  });
});

describe('two thousand requests, many of them aborted anywhere', () => {
  it('leave no block in use and no reply unfinished', { timeout: 120_000 }, async () => {
    const server = await serverOf(storiesEngine());
    const random = seeded(11);
    const tally = { done: 0, aborted: 0 };
    let next = 0;
    const sendAll = async () => {
      while (next++ < 2_000) {
        const abort = new AbortController();
        const willAbort = random() < 0.5;
        const fields = { model: server.model, prompt: 'Once upon a time '.repeat(1 + Math.floor(random() * 12)), max_tokens: 1 + Math.floor(random() * 60), stream: random() < 0.5, n: 1 + Math.floor(random() * 2), ignore_eos: true };
        if (willAbort) setTimeout(() => abort.abort(), random() * 12);
        try {
          const response = await fetch(`${server.url}/v1/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(fields), signal: abort.signal });
          const body = await response.text();
          expect(response.status, body).toBe(200);
          expect(body).not.toContain('"error"');
          if (fields.stream) expect(body.endsWith('data: [DONE]\n\n')).toBe(true);
          tally.done++;
        } catch (error) {
          if (!abort.signal.aborted) throw error;
          tally.aborted++;
        }
      }
    };
    await Promise.all(Array.from({ length: 48 }, sendAll));
    expect(tally.done + tally.aborted).toBe(2_000);
    expect(tally.aborted).toBeGreaterThan(200);
    expect(tally.done).toBeGreaterThan(200);
    // One more request: its last record shows the pool as the aborted ones left it.
    await fetch(`${server.url}/metrics`);
    await server.client.completions.create({ model: server.model, prompt: 'The end', max_tokens: 2 });
    let last: BlockCounts | undefined;
    await until('the pool is reported', 2_000, async () => (last = await blockCounts(server)) !== undefined);
    expect(last).toMatchObject({ usedNumBlocks: 0, freeNumBlocks: last!.maxNumBlocks });
  });
});

/** Numbers in [0, 1): mulberry32. */
function seeded(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
