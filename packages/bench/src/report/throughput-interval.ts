// How well a run knows its output throughput.
import type { Timeline } from '../client/timeline.js';
import type { Interval } from '../statistics/interval.js';
import { meanInterval } from '../statistics/mean-interval.js';
import type { Span } from './throughput.js';

/** Stretches of equal time: enough to see how long the rate remembers, each long enough to hold tokens. */
const STRETCHES = 100;

/** Tokens a second: mean over stretches of the span. Undefined with less than a token a stretch, or where the rate has a trend. */
export function tokenRateInterval(timelines: readonly Pick<Timeline, 'stamps' | 'tokens'>[], { from, to }: Span, alpha = 0.05): Interval | undefined {
  const perSecond = STRETCHES / ((to - from) / 1000);
  const rates = new Float64Array(STRETCHES);
  let numTokens = 0;
  for (const { stamps, tokens } of timelines) {
    stamps.forEach((at, i) => {
      if (at < from || at >= to) return;
      rates[Math.floor((STRETCHES * (at - from)) / (to - from))]! += tokens[i]! * perSecond;
      numTokens += tokens[i]!;
    });
  }
  return numTokens < STRETCHES ? undefined : meanInterval(rates, alpha);
}
