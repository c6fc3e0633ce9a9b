// What a gate says: a table, what to know of it, and the verdict in the last line.
import { table } from '../report/plain-table.js';
import type { GateFigure, GateResult } from './gate.js';

const VERDICTS = { pass: 'no regression', fail: 'regression', undecided: 'undecided' } as const;

export function formatGate(result: GateResult, threshold: number): string {
  const { figures, notes } = result;
  const rows = figures.map((figure, i) => [`${figure.metric}${i === 0 ? ' (decides)' : ''}`, figure.baseline.toFixed(2), figure.candidate.toFixed(2), sizeText(figure), intervalText(figure)]);
  const head = table(['figure', 'baseline', 'candidate', 'candidate is', 'interval of the loss'], rows);
  return [head, ...notes.map((note) => `Note: ${note}`), verdictLine(result, threshold)].join('\n');
}

/** "regression: candidate is 4.10 % worse in output_throughput (98 %: 3.00 to 5.20 % worse), 5 and 5 runs, threshold 3 %" */
export function verdictLine({ verdict, figures, confidence, runs }: GateResult, threshold: number): string {
  const [first] = figures;
  const interval = first!.interval ? ` (${percent(confidence, 0)} %: ${intervalText(first!)} worse)` : '';
  return `${VERDICTS[verdict]}: candidate is ${sizeText(first!)} in ${first!.metric}${interval}, ${runs.baseline} and ${runs.candidate} runs, threshold ${percent(threshold, 2).replace(/\.?0+$/, '')} %`;
}

/** Of a share: beyond it an interval says nothing. */
const MOST = 10;
const percent = (share: number, digits: number): string => (100 * share).toFixed(digits);
const sizeText = ({ loss }: GateFigure): string => `${percent(Math.abs(loss), 2)} % ${loss < 0 ? 'better' : 'worse'}`;
const intervalText = ({ interval }: GateFigure): string => (interval ? `${percent(interval.lower, 2)} to ${interval.upper > MOST ? `over ${percent(MOST, 0)}` : percent(interval.upper, 2)} %` : '–');
