import { appendFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { binomialTail } from '../statistics/binomial-tail.js';
import { temporaryFile } from '../test-support/planned.js';
import { aaTrial, addTrial, calibrationOf, readTrials, type AaTrial } from './aa-store.js';
import { calibrationText } from './aa-text.js';
import type { AbInput } from './compare-servers.js';
import type { AbResult, Pair } from './interleave.js';
import { DEFAULT_SEQUENTIAL } from './sequential-test.js';

const INPUT: AbInput = { urls: { a: 'http://a', b: 'http://b' }, metric: 'output_throughput', sequential: DEFAULT_SEQUENTIAL, block: { numPrompts: 64, inputLen: 8 } };

function result(differences: number[], verdict: AbResult['verdict'] = 'pass'): AbResult {
  const pairs = differences.map((difference): Pair => ({ a: 1, b: 1, first: 'a', difference }));
  return { verdict, pairs, loss: 0, interval: undefined };
}

const trialsOf = (count: number, deviation: number, falseAlarms = 0): AaTrial[] =>
  Array.from({ length: count }, (_, i) => ({ ...aaTrial(result([0, 0.1], i < falseAlarms ? 'fail' : 'pass'), INPUT, new Date(0)), pairs: 7, deviation }));

test('a trial keeps its noise; others count only on the same machine, metric and block', () => {
  const path = temporaryFile('aa.jsonl', '');
  const trial = aaTrial(result([0.01, -0.01, 0.03, 0.01]), INPUT, new Date(0));
  expect(trial).toMatchObject({ verdict: 'pass', pairs: 4 });
  expect(trial.deviation).toBeCloseTo(Math.sqrt((0.02 ** 2 + 0.02 ** 2) / 3), 12);
  addTrial(path, trial);
  addTrial(path, trial);
  expect(readTrials(path, INPUT)).toEqual([trial, trial]);
  expect(readTrials(path, { ...INPUT, block: { ...INPUT.block, baseUrl: 'http://c', seed: 9 } })).toHaveLength(2);
  expect(readTrials(path, { ...INPUT, block: { ...INPUT.block, numPrompts: 65 } })).toEqual([]);
  expect(readTrials(path, { ...INPUT, metric: 'ttft' })).toEqual([]);
  expect(readTrials('no/such/file', INPUT)).toEqual([]);
  appendFileSync(path, '{"date":1}\n');
  expect(() => readTrials(path, INPUT)).toThrow(/aa\.jsonl:3: expected a trial/);
});

test('of a regression found twice the first test is the trial', () => {
  expect(aaTrial({ ...result([0, 0.1]), first: result([1, 2, 3], 'fail') }, INPUT, new Date(0))).toMatchObject({ verdict: 'fail', pairs: 3 });
});

test('what can be decided follows from the noise: 3.6 deviations over the root of the pairs', () => {
  const calibration = calibrationOf([...trialsOf(30, 0.03), ...trialsOf(30, 0.05)], INPUT)!;
  const pooled = Math.sqrt((0.03 ** 2 + 0.05 ** 2) / 2);
  expect(calibration.deviation).toBeCloseTo(pooled, 12);
  expect(calibration.smallestLoss).toBeCloseTo(Math.expm1((3.6 * pooled) / 10), 12);
  expect(calibration.pairsNeeded).toBe(Math.ceil(((3.6 * pooled) / Math.log(1.03)) ** 2));
  expect(calibrationText(calibration, DEFAULT_SEQUENTIAL)).toBe("A/A: 60 trials of these settings on this machine: a pair's noise is 4.12 %, a loss of 3 % takes about 26 pairs; 0 of 60 found a regression");
  expect(calibrationText(calibrationOf(trialsOf(1, 0.2), INPUT), DEFAULT_SEQUENTIAL)).toContain('100 pairs decide no loss below 7.47 %: make blocks longer');
  expect(calibrationText(undefined, DEFAULT_SEQUENTIAL)).toContain('no trial of these settings on this machine yet');
});

test('false alarms are compared with chance, those of the same bounds only', () => {
  // At 1 %: two of 50 come by chance in 8.9 % of cases, three in 1.4 %.
  expect(binomialTail(2, 50, 0.01)).toBeCloseTo(0.0894, 4);
  expect(binomialTail(3, 50, 0.01)).toBeCloseTo(0.0138, 4);
  expect(binomialTail(0, 50, 0.01)).toBe(1);
  expect(calibrationOf(trialsOf(50, 0.01, 2), INPUT)).toMatchObject({ falseAlarms: 2, isTooAlarming: false });
  expect(calibrationOf(trialsOf(50, 0.01, 3), INPUT)).toMatchObject({ falseAlarms: 3, isTooAlarming: true });
  const others = trialsOf(50, 0.01, 3).map((trial) => ({ ...trial, test: 'other' }));
  expect(calibrationOf(others, INPUT)).toMatchObject({ trials: 50, tested: 0, falseAlarms: 0, isTooAlarming: false });
});
