// What an agent's clock shows, from round trips: halfway through a trip both clocks are read, at most half the trip apart (RFC 5905
// section 8, with one clock reading at the far end).

export interface ClockShift {
  /** ms to add to a time of the agent's clock. */
  shift: number;
  /** ms that it may be off. */
  uncertainty: number;
}

interface Sample {
  shift: number;
  halfTrip: number;
  at: number;
}

/** Two quartz clocks part by less than this, 100 ppm. */
const DRIFT = 1e-4;
const KEPT = 32;

export class AgentClock {
  #samples: Sample[] = [];

  /** ms: a question went at `asked` and was answered with `now` of the agent by `answered`. */
  add(asked: number, now: number, answered: number): void {
    this.#samples = [...this.#samples.slice(1 - KEPT), { shift: (asked + answered) / 2 - now, halfTrip: (answered - asked) / 2, at: answered }];
  }

  /** By the sample that can be off least by now: of a short trip, and not long ago. */
  at(now: number): ClockShift {
    const bounds = this.#samples.map(({ shift, halfTrip, at }) => ({ shift, uncertainty: halfTrip + DRIFT * Math.max(0, now - at) }));
    return bounds.reduce((best, bound) => (bound.uncertainty < best.uncertainty ? bound : best), { shift: 0, uncertainty: Infinity });
  }
}
