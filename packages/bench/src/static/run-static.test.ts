import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { runStatic, type SubmitStatic } from './run-static.js';

const requests = Array.from({ length: 6 }, (_, id) => ({ id, input_ids: [1, 2], output_tokens: 3 }));
const hooks = () => ({ signal: new AbortController().signal, onProgress: () => {} });

function countingEngine() {
  const seen = { now: 0, most: 0, ids: [] as number[] };
  const submit: SubmitStatic = async function* ({ id }, signal) {
    seen.most = Math.max(seen.most, ++seen.now);
    seen.ids.push(id);
    for (let i = 0; i < 3; i++) {
      await sleep(2, undefined, { signal });
      yield { time: performance.now(), token_ids: [i] };
    }
    seen.now--;
  };
  return { seen, submit };
}

describe('a static run', () => {
  it.each([
    [2, 2],
    [0, 6],
  ])('with concurrency %d has %d in flight at most, and counts every token', async (concurrency, most) => {
    const { seen, submit } = countingEngine();
    const records = await runStatic(submit, requests, { concurrency, warmup: 0, seed: 1 }, hooks());
    expect(seen.most).toBe(most);
    expect(records.map(({ id }) => id).toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
    for (const { output_ids, start, first, end } of records) {
      expect(output_ids).toEqual([0, 1, 2]);
      expect(first).toBeGreaterThan(start);
      expect(end).toBeGreaterThan(first);
    }
  });

  it('does not count warm-up requests', async () => {
    const { seen, submit } = countingEngine();
    const records = await runStatic(submit, requests, { concurrency: 6, warmup: 4, seed: 1 }, hooks());
    expect(seen.ids).toHaveLength(10);
    expect(records).toHaveLength(6);
  });

  it('ends with the first failure, and aborts the rest', async () => {
    let aborted = 0;
    const submit: SubmitStatic = async function* ({ id }, signal) {
      if (id === 1) throw new Error('request 1 broke');
      await sleep(60_000, undefined, { signal }).catch(() => aborted++);
      yield { time: performance.now(), token_ids: [1] };
    };
    await expect(runStatic(submit, requests, { concurrency: 0, warmup: 0, seed: 1 }, hooks())).rejects.toThrow('request 1 broke');
    await sleep(5);
    expect(aborted).toBe(5);
  });

  it('takes a token’s time from the engine, not from when it is read', async () => {
    const submit: SubmitStatic = async function* () {
      const time = performance.now();
      await sleep(20);
      yield { time, token_ids: [1, 2] };
      yield { time: time + 5, token_ids: [] };
      yield { time: time + 10, token_ids: [3] };
    };
    const [record] = await runStatic(submit, requests.slice(0, 1), { concurrency: 1, warmup: 0, seed: 1 }, hooks());
    expect(record!.end - record!.first).toBeCloseTo(10, 6);
    expect(record!.first - record!.start).toBeLessThan(20);
    expect(record!.pieces).toBe(2);
  });

  it('refuses an answer without a token', async () => {
    await expect(runStatic(async function* () {}, requests, { concurrency: 1, warmup: 0, seed: 1 }, hooks())).rejects.toThrow('request 0 ended without a token');
  });

  it('ends when it is told to', async () => {
    const controller = new AbortController();
    const submit: SubmitStatic = async function* (_, signal) {
      controller.abort(new Error('stopped'));
      await sleep(60_000, undefined, { signal });
      yield { time: performance.now(), token_ids: [1] };
    };
    await expect(runStatic(submit, requests, { concurrency: 1, warmup: 0, seed: 1 }, { ...hooks(), signal: controller.signal })).rejects.toThrow();
  });
});
