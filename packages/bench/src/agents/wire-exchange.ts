// An exchange as JSON, and back onto the coordinator's clock.
import type { ContentEvents } from '../client/content-events.js';
import type { ReplyForm } from '../client/reply-form.js';
import { ReplyReader } from '../client/reply-reader.js';
import type { Exchange } from '../client/stream-client.js';

type ReplyFacts = Pick<ReplyReader, 'content' | 'silent' | 'reasons' | 'answeredAt' | 'usage' | 'finishReason' | 'failure' | 'doneAt'>;

export interface WireExchange extends Omit<Exchange, 'sent' | 'reply'> {
  /** Never: null. */
  sent: number | null;
  reply: ReplyFacts;
}

export function wireExchange({ scheduled, sent, ended, isStream, reply }: Exchange): WireExchange {
  const { content, silent, reasons, answeredAt, usage, finishReason, failure, doneAt } = reply;
  return { scheduled, sent: Number.isNaN(sent) ? null : sent, ended, isStream, reply: { content, silent, reasons, answeredAt, usage, finishReason, failure, doneAt } };
}

/** `shift`: ms from the agent's clock to ours; one for all stamps, so that differences are the agent's own. */
export function exchangeOfWire({ scheduled, sent, ended, isStream, reply }: WireExchange, form: ReplyForm, shift: number): Exchange {
  const moved = (at: number | undefined): number | undefined => (at === undefined ? undefined : at + shift);
  const events = (read: ContentEvents): ContentEvents => ({ ...read, stamps: read.stamps.map((at) => at + shift) });
  const here: ReplyFacts = { ...reply, content: events(reply.content), silent: events(reply.silent), answeredAt: moved(reply.answeredAt), doneAt: moved(reply.doneAt) };
  return { scheduled: scheduled + shift, sent: sent === null ? Number.NaN : sent + shift, ended: ended + shift, isStream, reply: Object.assign(new ReplyReader(form), here) };
}
