import { describe, expect, it } from 'vitest';
import { alwaysValidInterval, decide, DEFAULT_SEQUENTIAL } from './sequential-test.js';

const jitter = [0.0004, -0.0003, 0.0002, -0.0004, 0.0003, -0.0002];
const around = (center: number, count = 6): number[] => Array.from({ length: count }, (_, i) => center + jitter[i % jitter.length]!);

describe('the sequential test', () => {
  it('fails a loss of the threshold and passes none, at the first look', () => {
    expect(decide(around(0.03))).toMatchObject({ verdict: 'fail', isFinal: true });
    expect(decide(around(0))).toMatchObject({ verdict: 'pass', isFinal: true });
    expect(decide(around(-0.05))).toMatchObject({ verdict: 'pass', isFinal: true });
    expect(decide(around(0.03, 5))).toMatchObject({ verdict: 'undecided', isFinal: false });
  });

  it('decides losses and gains far beyond the threshold as soon as small ones', () => {
    for (const loss of [0.1, 0.5, 2]) expect(decide(around(loss))).toMatchObject({ verdict: 'fail', isFinal: true });
    for (const gain of [-0.1, -0.5, -2]) expect(decide(around(gain))).toMatchObject({ verdict: 'pass', isFinal: true });
  });

  it('survives pairs that are equal to the last bit', () => {
    expect(decide(Array.from({ length: 6 }, () => 0)).verdict).toBe('pass');
    expect(decide(Array.from({ length: 6 }, () => Math.log1p(0.03))).verdict).toBe('fail');
  });

  it('gives up after the most pairs', () => {
    const options = { ...DEFAULT_SEQUENTIAL, maxPairs: 40 };
    const between = Array.from({ length: 40 }, (_, i) => Math.log1p(0.03) / 2 + (i % 2 ? 0.05 : -0.05));
    expect(decide(between.slice(0, 39), options)).toMatchObject({ verdict: 'undecided', isFinal: false });
    expect(decide(between, options)).toMatchObject({ verdict: 'undecided', isFinal: true });
    expect(decide(between)).toMatchObject({ verdict: 'undecided', isFinal: false });
  });
});

describe('the interval that may be looked at any time', () => {
  it('has the widths of the method', () => {
    // Standard deviation 1, mean 0: half widths 1.68 at 6 pairs, 1.12 at 10, 0.73 at 20, 0.50 at 40.
    for (const [pairs, half] of [[6, 1.68], [10, 1.12], [20, 0.73], [40, 0.5]] as const) {
      const unit = Math.sqrt((pairs - 1) / pairs);
      const interval = alwaysValidInterval(Array.from({ length: pairs }, (_, i) => (i % 2 ? unit : -unit)))!;
      expect(interval.upper, `${pairs} pairs`).toBeCloseTo(half, 1);
      expect(interval.lower).toBeCloseTo(-interval.upper, 10);
    }
    expect(alwaysValidInterval([1, 2, 3, 4, 5])).toBeUndefined();
  });
});
