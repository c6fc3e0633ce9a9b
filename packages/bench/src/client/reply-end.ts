// What the end of a reply makes of it, whichever client read it.
import { errorText } from './chunk-facts.js';
import type { ReplyReader } from './reply-reader.js';

interface WholeReply {
  status: number;
  isStream: boolean;
  /** Of a reply that was no stream. */
  body: () => string;
  /** ms of its last byte. */
  at: number;
  /** ms of the end of the stream. */
  now: number;
}

/** HTTP says that the reply is whole. */
export function endWhole(reply: ReplyReader, { status, isStream, body, at, now }: WholeReply): void {
  if (status >= 400) reply.failure = { outcome: 'http', reason: `HTTP ${status}: ${messageOf(body().trim())}` };
  else if (!isStream) reply.takeWhole(body(), at);
  else reply.endStream(now);
}

function messageOf(text: string): string {
  try {
    const body = JSON.parse(text);
    return errorText(body.error ?? body.message ?? body.detail ?? body);
  } catch {
    return text.slice(0, 200) || 'no body';
  }
}
