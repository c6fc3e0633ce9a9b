// How many of a reply's tokens each event carried. Sums are always the reply's own count, so that means agree.
import type { Tokenizer } from '@trtllm/text';
import { textsOf, type ContentEvents } from './content-events.js';
import type { CountTokens } from './request-record.js';

/**
 * Counts a text as the piece of a reply that it is. Tokenizers that put a blank before every text would count it twice where
 * the piece brings its own, so such a piece is counted behind a letter, with which no blank shares a token.
 */
export function replyCounter(tokenizer: Tokenizer): CountTokens {
  const count = (text: string): number => tokenizer.encode(text, { addSpecialTokens: false }).length;
  const letter = count('a');
  return (text) => (/^\s/.test(text) ? count(`a${text}`) - letter : count(text));
}

/** Tokens of each event, summing to `numTokens` where there is any event. */
export function spreadTokens(events: ContentEvents, numTokens: number, countTokens?: CountTokens): number[] {
  const numEvents = events.stamps.length;
  if (numEvents === 0) return [];
  if (numEvents === numTokens) return events.stamps.map(() => 1);
  return apportion(weightsOf(events, countTokens), numTokens);
}

function weightsOf(events: ContentEvents, countTokens?: CountTokens): number[] {
  const isWhole = ({ length }: number[]): boolean => length === events.stamps.length;
  if (isWhole(events.running) && events.running.every((count) => count >= 0)) return events.running.map((n, i) => Math.max(0, n - (events.running[i - 1] ?? 0)));
  if (isWhole(events.told) && events.told.every((count) => count > 0)) return events.told;
  if (countTokens !== undefined) return textsOf(events).map(countTokens);
  return events.stamps.map(() => 1);
}

/** Whole numbers in proportion to `weights` that sum to `total`, by largest remainders. */
export function apportion(weights: readonly number[], total: number): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  const ideal = weights.map((weight) => (sum > 0 ? (weight / sum) * total : total / weights.length));
  const shares = ideal.map(Math.floor);
  let missing = total - shares.reduce((a, b) => a + b, 0);
  const byRemainder = ideal.map((_, i) => i).sort((a, b) => ideal[b]! - shares[b]! - (ideal[a]! - shares[a]!) || a - b);
  for (const i of byRemainder) {
    if (missing-- <= 0) break;
    shares[i]!++;
  }
  return shares;
}
