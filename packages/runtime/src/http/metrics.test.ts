import type { Stats } from '@trtllm/protocol';
import { expect, it } from 'vitest';
import { MetricsRing } from './metrics.js';

function stats(records: Stats['records']): Stats {
  return { type: 'stats', records, total_blocks: 1, free_blocks: 1, num_active: 0, num_queued: 0 };
}

it('each poll drains the records, keys sorted', () => {
  const ring = new MetricsRing();
  ring.add(stats([{ iter: 1, b: { z: 1, a: [{ d: 1, c: 2 }] }, a: null }]));
  expect(JSON.stringify(ring.drain())).toBe('[{"a":null,"b":{"a":[{"c":2,"d":1}],"z":1},"iter":1}]');
  expect(ring.drain()).toEqual([]);
});

it('the newest thousand records are kept', () => {
  const ring = new MetricsRing();
  for (let iter = 0; iter < 1500; iter++) ring.add(stats([{ iter }]));
  const drained = ring.drain() as { iter: number }[];
  expect([drained.length, drained[0]!.iter, drained.at(-1)!.iter]).toEqual([1000, 500, 1499]);
});
