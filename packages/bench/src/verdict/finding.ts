// What can make a run unbelievable, and what a finding of it holds.

/** Each with its name in reports. */
export const FAULTS = {
  'client-starved': 'client starved of CPU',
  saturated: 'server saturated',
  'cache-hits': 'answers from the prefix cache',
  'cold-start': 'cold start',
  'token-counts': 'token counts disagree',
  'cut-tail': 'tail cut off',
  'failed-requests': 'requests failed',
  'clock-trouble': 'clock trouble',
} as const;

export type Fault = keyof typeof FAULTS;

export interface Finding {
  fault: Fault;
  /** Figures. */
  evidence: string;
  /** What to do about it. */
  mend: string;
}

export interface Verdict {
  believable: boolean;
  findings: Finding[];
}

/** Above this share of requests a fault is more than an oddity. */
export const TOLERATED_SHARE = 0.01;

/** "3 of 120 (2.5 %)" */
export function countOf(count: number, of: number): string {
  return `${count} of ${of} (${((100 * count) / of).toFixed(1)} %)`;
}

/** ms with three digits. */
export function ms(value: number): string {
  return `${Number(value.toPrecision(3))} ms`;
}
