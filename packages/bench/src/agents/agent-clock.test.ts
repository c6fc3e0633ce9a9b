// Whatever the trips take, the true shift lies within what the clock says of itself.
import { expect, test } from 'vitest';
import { seededRandom } from '../plan/seeded-random.js';
import { AgentClock } from './agent-clock.js';

const SHIFT = 81_234.5;

test.each([0, 8e-5, -8e-5])('an agent whose clock runs %d too fast is followed', (drift) => {
  const random = seededRandom(1, 'trips');
  const clock = new AgentClock();
  const agentTime = (now: number): number => (now - SHIFT) * (1 + drift);
  for (let now = 100_000; now < 160_000; now += 1000) {
    const out = 0.05 + 3 * random.uniform() ** 4;
    const back = 0.05 + 3 * random.uniform() ** 4;
    clock.add(now, agentTime(now + out), now + out + back);
    const later = now + 900;
    const { shift, uncertainty } = clock.at(later);
    // In units of the agent's clock a second of its own drift is less than a µs beside it.
    expect(Math.abs(agentTime(later) + shift - later)).toBeLessThanOrEqual(uncertainty + 1e-6);
    expect(uncertainty).toBeLessThan(8);
  }
});

test('a short trip counts for more than a fresh one', () => {
  const clock = new AgentClock();
  clock.add(1000, 0, 1000.2);
  clock.add(2000, 1000, 2008);
  expect(clock.at(2008).shift).toBeCloseTo(1000.1, 6);
  expect(clock.at(2008).uncertainty).toBeCloseTo(0.1 + 0.10078, 4);
});

test('a shift that can still be right is kept, one that cannot moves as little as it must', () => {
  const clock = new AgentClock();
  clock.add(1000, 0, 1002);
  expect(clock.at(1002)).toEqual({ shift: 1001, uncertainty: 1 });
  clock.add(1100, 99.7, 1101);
  expect(clock.at(1101).shift).toBe(1001);
  expect(clock.at(1101).uncertainty).toBeCloseTo(0.7, 9);
  clock.add(1200, 199.9, 1200.2);
  expect(clock.at(1200.2).shift).toBeCloseTo(1000.3, 9);
});
