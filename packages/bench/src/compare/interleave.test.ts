import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { compareInTurns, type Side } from './interleave.js';
import { DEFAULT_SEQUENTIAL } from './sequential-test.js';

/** A machine that drifts by a third over the run, noise of 1 %, and a candidate that is `loss` slower. */
const throughput = (loss: number) => {
  const random = seedrandom('noise');
  let block = 0;
  return async (side: Side): Promise<number> => {
    const drift = 1 + 0.3 * Math.sin(block++ / 20);
    return ((100 * drift) / (side === 'b' ? 1 + loss : 1)) * (1 + 0.02 * (random() - 0.5));
  };
};

describe('two servers in turns', () => {
  it('finds a loss under drift that is ten times as large', async () => {
    const result = await compareInTurns(DEFAULT_SEQUENTIAL, false, { measure: throughput(0.05), random: seedrandom('coin') });
    expect(result.verdict).toBe('fail');
    expect(result.loss).toBeGreaterThan(0.03);
    expect(result.interval!.lower).toBeLessThanOrEqual(result.loss);
    expect(new Set(result.pairs.map(({ first }) => first))).toEqual(new Set(['a', 'b']));
  });

  it('passes equal servers, and a better one', async () => {
    expect((await compareInTurns(DEFAULT_SEQUENTIAL, false, { measure: throughput(0), random: seedrandom('coin') })).verdict).toBe('pass');
    const better = await compareInTurns(DEFAULT_SEQUENTIAL, false, { measure: throughput(-0.1), random: seedrandom('coin') });
    expect(better).toMatchObject({ verdict: 'pass' });
    expect(better.loss).toBeLessThan(-0.05);
  });

  it('takes latency the other way round, and gives both members of a pair the same plan', async () => {
    const plans: [Side, number][] = [];
    const result = await compareInTurns(DEFAULT_SEQUENTIAL, true, {
      measure: async (side, pair) => {
        plans.push([side, pair]);
        return side === 'b' ? 106 + (pair % 2) : 100 + (pair % 2);
      },
      random: () => 0,
    });
    expect(result).toMatchObject({ verdict: 'fail' });
    expect(plans.slice(0, 4)).toEqual([['a', 0], ['b', 0], ['a', 1], ['b', 1]]);
  });

  it('gives up after the most pairs', async () => {
    const random = seedrandom('loud');
    const result = await compareInTurns({ ...DEFAULT_SEQUENTIAL, maxPairs: 7 }, false, { measure: async () => 100 * (1 + random()), random });
    expect(result).toMatchObject({ verdict: 'undecided' });
    expect(result.pairs).toHaveLength(7);
  });
});
