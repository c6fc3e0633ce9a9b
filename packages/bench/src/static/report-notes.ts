// What a reader of a static report must know before quoting it.
import type { LimitShare } from './limit-shares.js';
import { steadiness } from './machine-limits.js';
import type { StaticReport } from './static-report.js';

const COALESCED = 1.05;
/** Measurements of a quiet machine differ by less. */
const STEADY = 0.85;

export function coalescingNotes({ coalescing, input }: StaticReport): string[] {
  if (!input.streaming || coalescing < COALESCED) return [];
  return [`${coalescing.toFixed(2)} tokens came at a time: this engine is faster than its tokens are read, so TTFT, TPOT and GTPS are those of such groups`];
}

/** None where the machine was not measured. */
export function limitNotes({ input: { measured }, shares }: StaticReport): string[] {
  if (!shares) return [];
  const barriers = measured.map(({ barrier_ns }) => barrier_ns.toFixed(0)).join(' and ');
  const isAbove = Object.values(shares).some((share?: LimitShare) => share !== undefined && share.fraction > 1.02);
  return [
    ...(steadiness(measured) < STEADY ? [`the measurements differ by ${(100 * (1 - steadiness(measured))).toFixed(0)} %: other load, or a virtual machine whose cores move (barriers of ${barriers} ns); the best of each counts`] : []),
    ...(isAbove ? ['more than 100 %: the run had a faster machine than the measurements around it; run it again'] : []),
  ];
}
