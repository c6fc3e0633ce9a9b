import { expect, test } from 'vitest';
import { alike, vllmResult } from '../test-support/results.js';
import { runView } from './run-view.js';
import { isSaturated, paretoFront, seriesOf, sweepAxisOf } from './sweep.js';

const run = (more: Record<string, unknown>, series?: string) => runView(vllmResult(alike(4, 0.1, 0.01), more), { label: 'x', series }, 'x.json');

test('runs that differ in one setting are a sweep over it, in order of the setting', () => {
  const runs = [4, 1, 16].map((level) => run({ max_concurrency: level }));
  const axis = sweepAxisOf(runs)!;
  expect(axis.title).toBe('maximum concurrency');
  expect(seriesOf(runs, axis)).toMatchObject([{ name: 'org/model', points: [{ x: 1 }, { x: 4 }, { x: 16 }] }]);
  expect(sweepAxisOf([run({ request_rate: 2 }), run({ request_rate: 8 })])!.title).toBe('request rate (req/s)');
});

test('runs of the same setting, or with none, are no sweep; the same levels of two systems are one', () => {
  expect(sweepAxisOf([run({ max_concurrency: 4 }), run({ max_concurrency: 4 })])).toBeUndefined();
  expect(sweepAxisOf([run({ max_concurrency: 4 }), run({})])).toBeUndefined();
  expect(sweepAxisOf([run({ max_concurrency: 1 }), run({ max_concurrency: 4 }), run({ max_concurrency: 4 })])).toBeUndefined();
  const systems = ['a', 'b'].flatMap((series) => [1, 4].map((level) => run({ max_concurrency: level }, series)));
  expect(seriesOf(systems, sweepAxisOf(systems)!).map(({ name, points }) => [name, points.length])).toEqual([['a', 2], ['b', 2]]);
});

test('the front has the points that no other beats in both', () => {
  const points = [{ cost: 1, gain: 5 }, { cost: 2, gain: 4 }, { cost: 2, gain: 9 }, { cost: 3, gain: 9 }, { cost: 4, gain: 10 }];
  expect(paretoFront(points)).toEqual([points[0], points[2], points[4]]);
});

test('a server that falls behind the planned rate is saturated', () => {
  expect(isSaturated(run({ request_rate: 10, request_throughput: 9.4 }))).toBe(true);
  expect(isSaturated(run({ request_rate: 10, request_throughput: 9.6 }))).toBe(false);
  expect(isSaturated(run({ request_rate: 'inf', request_throughput: 1 }))).toBe(false);
});
