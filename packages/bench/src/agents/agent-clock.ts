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
  #shift: number | undefined;

  /** ms: a question went at `asked` and was answered with `now` of the agent by `answered`. */
  add(asked: number, now: number, answered: number): void {
    this.#samples = [...this.#samples.slice(1 - KEPT), { shift: (asked + answered) / 2 - now, halfTrip: (answered - asked) / 2, at: answered }];
  }

  /** The same as last time while that can still be so, else no further from it than it must be: times of one agent keep their order. */
  at(now: number): ClockShift {
    const { shift, uncertainty } = this.#best(now);
    this.#shift = Math.min(shift + uncertainty, Math.max(shift - uncertainty, this.#shift ?? shift));
    return { shift: this.#shift, uncertainty: uncertainty + Math.abs(this.#shift - shift) };
  }

  /** By the sample that can be off least by now: of a short trip, and not long ago. */
  #best(now: number): ClockShift {
    const bounds = this.#samples.map(({ shift, halfTrip, at }) => ({ shift, uncertainty: halfTrip + DRIFT * Math.max(0, now - at) }));
    return bounds.reduce((best, bound) => (bound.uncertainty < best.uncertainty ? bound : best), { shift: 0, uncertainty: Infinity });
  }
}
