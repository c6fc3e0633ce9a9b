// What is kept of one request: how it ended, what it cost in tokens, its timeline.
import type { ContentEvents } from './content-events.js';
import type { Exchange } from './stream-client.js';
import type { Timeline } from './timeline.js';
import { spreadTokens } from './token-counts.js';
import type { PlannedRequest } from '../plan/workload.js';

export type FailedOutcome =
  | 'connect' // refused, reset before headers, name not found
  | 'http' // status >= 400
  | 'stream-error' // an error object after status 200
  | 'truncated' // closed before [DONE] or a finish reason
  | 'timeout' // no progress within the limit
  | 'protocol' // not parsable
  | 'empty'; // proper end, no content
export type Outcome = 'ok' | 'cancelled' | FailedOutcome;

export interface Failure {
  outcome: FailedOutcome | 'cancelled';
  reason: string;
}

export interface RequestRecord {
  index: number;
  /** Of a conversation, from 0. */
  turn?: number | undefined;
  outcome: Outcome;
  reason?: string | undefined;
  timeline: Timeline;
  /** Prompt tokens by our own count and by the server's. */
  plannedInput: number;
  /** The planned count rests on answers or on a template that only the server has. */
  inputIsEstimate?: true | undefined;
  serverInput?: number | undefined;
  cachedInput?: number | undefined;
  requestedOutput: number;
  outputTokens: number;
  /** Where `outputTokens` comes from; `events` means one token an event was assumed. */
  outputFrom: 'usage' | 'ids' | 'text' | 'events';
  finishReason?: string | undefined;
  /** Mean tokens a decoding step, where the server tells: how well its speculation went. */
  tokensPerStep?: number | undefined;
  text: string;
}

/** Counts tokens of a text without special ones. */
export type CountTokens = (text: string) => number;

export function recordOf(plan: PlannedRequest, exchange: Exchange, countTokens?: CountTokens): RequestRecord {
  const { reply } = exchange;
  const events = visibleEvents(exchange);
  const { outputTokens, outputFrom } = countOutput(exchange, events, countTokens);
  const isEmpty = outputTokens === 0 && events.stamps.length === 0;
  const failure = reply.failure ?? (isEmpty ? ({ outcome: 'empty', reason: 'reply without content' } as const) : undefined);
  return {
    index: plan.index,
    turn: plan.turn,
    outcome: failure?.outcome ?? 'ok',
    reason: failure?.reason,
    timeline: {
      scheduled: exchange.scheduled,
      sent: exchange.sent,
      stamps: exchange.isStream ? events.stamps : [],
      tokens: exchange.isStream ? spreadTokens(events, outputTokens, countTokens) : [],
      done: exchange.ended,
      answered: exchange.isStream && reply.reasons ? reply.answeredAt : undefined,
    },
    plannedInput: plan.inputTokens,
    inputIsEstimate: plan.inputIsEstimate,
    serverInput: reply.usage.promptTokens,
    cachedInput: reply.usage.cachedTokens,
    requestedOutput: plan.outputTokens,
    outputTokens,
    outputFrom,
    finishReason: reply.finishReason,
    tokensPerStep: reply.tokensPerStep,
    text: events.text,
  };
}

/** A server without text still shows when it produced something; usage says that it did. */
function visibleEvents({ reply }: Exchange): ContentEvents {
  const isSilent = reply.content.stamps.length === 0 && (reply.usage.completionTokens ?? 0) > 0;
  return isSilent ? reply.silent : reply.content;
}

function countOutput({ reply }: Exchange, events: ContentEvents, countTokens?: CountTokens): Pick<RequestRecord, 'outputTokens' | 'outputFrom'> {
  const told = events.told.reduce((sum, count) => sum + count, 0);
  if (reply.usage.completionTokens !== undefined) return { outputTokens: reply.usage.completionTokens, outputFrom: 'usage' };
  if (told > 0) return { outputTokens: told, outputFrom: 'ids' };
  if (countTokens !== undefined) return { outputTokens: countTokens(events.text), outputFrom: 'text' };
  return { outputTokens: events.stamps.length, outputFrom: 'events' };
}
