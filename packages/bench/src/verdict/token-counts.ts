// Lengths that were asked for, counted here and counted by the server are not the same.
import type { RequestRecord } from '../client/request-record.js';
import { completedOf, medianOf, type Evidence } from './evidence.js';
import { countOf, TOLERATED_SHARE, type Finding } from './finding.js';

const MOST_TEXTS = 200;
const FEWEST_TEXTS = 10;
// Text is cut into tokens again otherwise than it was made, by a few in a hundred and at its ends.
const TEXT_RATIO = 1.25;
const END_TOKENS = 2;

export function tokenCounts(evidence: Evidence): Finding | undefined {
  const completed = completedOf(evidence);
  const said = [...inputSigns(completed), ...outputSigns(completed, evidence.ignoreEos), ...textSigns(completed, evidence)];
  const [first] = said;
  if (first === undefined) return undefined;
  return { fault: 'token-counts', evidence: said.map(([sign]) => sign).join('; '), mend: first[1] };
}

type Sign = [evidence: string, mend: string];

export function hasOtherInput({ serverInput, plannedInput, inputIsEstimate }: RequestRecord): boolean {
  return serverInput !== undefined && serverInput !== plannedInput && !inputIsEstimate;
}

/** Told by the server; text may come out a few tokens longer than it was made from. */
export function isLong({ outputFrom, outputTokens, requestedOutput }: RequestRecord): boolean {
  return (outputFrom === 'usage' || outputFrom === 'ids') && outputTokens > requestedOutput;
}

export function isFrequent(count: number, of: number): boolean {
  return count > TOLERATED_SHARE * of;
}

function inputSigns(completed: readonly RequestRecord[]): Sign[] {
  const other = completed.filter(hasOtherInput);
  const [example] = other;
  if (example === undefined || !isFrequent(other.length, completed.length)) return [];
  const evidence = `${countOf(other.length, completed.length)} prompts have another length at the server, such as ${example.serverInput} instead of ${example.plannedInput}`;
  return [[evidence, "give the served model's own --tokenizer"]];
}

function outputSigns(completed: readonly RequestRecord[], ignoreEos: boolean): Sign[] {
  const signs: Sign[] = [];
  const add = (isWrong: (record: RequestRecord) => boolean, what: (example: RequestRecord) => string, mend: string): void => {
    const wrong = completed.filter(isWrong);
    if (wrong[0] !== undefined && isFrequent(wrong.length, completed.length)) signs.push([`${countOf(wrong.length, completed.length)} answers ${what(wrong[0])}`, mend]);
  };
  const lengths = ({ outputTokens, requestedOutput }: RequestRecord): string => `such as ${outputTokens} instead of ${requestedOutput} tokens`;
  add(isLong, (record) => `are longer than asked for, ${lengths(record)}`, 'find out which field of the request the server takes for the length of an answer');
  add((record) => ignoreEos && record.outputTokens < record.requestedOutput, (record) => `are shorter than asked for in spite of --ignore-eos, ${lengths(record)}`, 'find out whether the server knows ignore_eos, and its limit on length');
  add(
    ({ outputFrom, text, timeline, outputTokens }) => outputFrom === 'usage' && text !== '' && timeline.stamps.length > outputTokens,
    ({ timeline, outputTokens }) => `came in more pieces than the server counts tokens, such as ${timeline.stamps.length} pieces and ${outputTokens} tokens`,
    "do not trust the server's usage",
  );
  return signs;
}

/** Counts some texts again. What is no text (a character in pieces) is left out. */
function textSigns(completed: readonly RequestRecord[], { countTokens }: Evidence): Sign[] {
  if (countTokens === undefined) return [];
  const told = completed.filter(({ outputFrom, text }) => outputFrom === 'usage' && text !== '' && !text.includes('\uFFFD'));
  const every = Math.ceil(told.length / MOST_TEXTS);
  const ratios = told.filter((_, i) => i % every === 0).map(({ text, outputTokens }) => {
    const counted = countTokens(text);
    return Math.abs(counted - outputTokens) <= END_TOKENS ? 1 : outputTokens / Math.max(1, counted);
  });
  const ratio = medianOf(ratios);
  if (ratio === undefined || ratios.length < FEWEST_TEXTS || (ratio < TEXT_RATIO && ratio > 1 / TEXT_RATIO)) return [];
  return [[`the server counts ${ratio.toFixed(2)} output tokens for each that --tokenizer finds in the text`, "see whether --tokenizer is the served model's, and whether the server counts text that it does not send"]];
}
