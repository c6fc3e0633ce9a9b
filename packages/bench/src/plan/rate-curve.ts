// A rate that changes in time, as its expected count L(t) of requests until t, turned round: the time at which the u-th is due. Arrivals
// with unit gaps put through it follow the rate (time rescaling; Daley and Vere-Jones, "An Introduction to the Theory of Point
// Processes", 7.4).
import type { ArrivalOptions, RateStep } from './arrival-options.js';

/** Expected count -> seconds. */
export type DueTime = (count: number) => number;

/** `lastCount`: of the last request, at which a ramp is to be at its end. */
export function dueTimes(options: ArrivalOptions, lastCount: number): DueTime {
  const { rampUpStrategy: strategy, rampUpStartRps: start, rampUpEndRps: end, rateSteps, requestRate } = options;
  if (rateSteps !== undefined) return steps(rateSteps);
  if (strategy === undefined || start === end) return (count) => count / (strategy === undefined ? requestRate : start!);
  return strategy === 'linear' ? linear(start!, end!, lastCount) : exponential(start!, end!, lastCount);
}

/** L(t) = start t + slope t² / 2; the ramp takes T = 2 L(T) / (start + end). */
function linear(start: number, end: number, lastCount: number): DueTime {
  const duration = (2 * lastCount) / (start + end);
  const slope = (end - start) / duration;
  return (count) => (count <= lastCount ? (2 * count) / (start + Math.sqrt(start * start + 2 * slope * count)) : duration + (count - lastCount) / end);
}

/** rate(t) = start e^(ct), L(t) = start (e^(ct) - 1) / c; from L(T) = lastCount follows c = (end - start) / lastCount. */
function exponential(start: number, end: number, lastCount: number): DueTime {
  const c = (end - start) / lastCount;
  const duration = Math.log(end / start) / c;
  return (count) => (count <= lastCount ? Math.log1p((count * c) / start) / c : duration + (count - lastCount) / end);
}

function steps(rateSteps: readonly RateStep[]): DueTime {
  return (count) => {
    let [left, seconds] = [count, 0];
    for (const step of rateSteps.slice(0, -1)) {
      if (left <= step.rate * step.seconds) return seconds + left / step.rate;
      left -= step.rate * step.seconds;
      seconds += step.seconds;
    }
    return seconds + left / rateSteps.at(-1)!.rate;
  };
}
