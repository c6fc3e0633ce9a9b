// A record of trtllm-loadgen -> the Exchange that the Node client would have given: JSON is read here, not while replies come.
import { isAscii } from 'node:buffer';
import { endWhole } from '../reply-end.js';
import { ReplyReader } from '../reply-reader.js';
import type { Failure } from '../request-record.js';
import type { Exchange, Post } from '../stream-client.js';
import { END, EVENT_BYTES, int64, type NativeRecord } from './records.js';

/** `toMs`: ns of the monotonic clock -> ms of performance.now(). */
export function exchangeOf(record: NativeRecord, { isStream, form }: Pick<Post, 'isStream' | 'form'>, toMs: (ns: number) => number): Exchange {
  const reply = new ReplyReader(form);
  const lastAt = toMs(record.endedNs);
  if (isStream && record.status < 400) takeEvents(reply, record, toMs);
  if (record.end === END.whole) endWhole(reply, { status: record.status, isStream, body: () => record.bytes.toString(), at: lastAt, now: lastAt });
  else if (reply.doneAt === undefined) reply.failure ??= failureOf(record);
  return {
    scheduled: toMs(record.dueNs),
    sent: record.sentNs === 0 ? Number.NaN : toMs(record.sentNs),
    ended: reply.doneAt ?? lastAt,
    isStream,
    reply,
  };
}

function takeEvents(reply: ReplyReader, { events, bytes }: NativeRecord, toMs: (ns: number) => number): void {
  // Where a byte is a character, one string serves all events.
  const text = isAscii(bytes) ? bytes.toString('latin1') : undefined;
  let from = 0;
  for (let at = 0; at < events.length; at += EVENT_BYTES) {
    const to = from + events.readUInt32LE(at + 8);
    const data = text === undefined ? bytes.toString('utf8', from, to) : text.slice(from, to);
    reply.takeEvent(data, events.readUInt32LE(at + 12) === 1 ? 'error' : '', toMs(int64(events, at)));
    from = to;
  }
}

function failureOf({ end, reason, contentType }: NativeRecord): Failure {
  switch (end) {
    case END.noConnection:
    case END.closedEarly:
      return { outcome: 'connect', reason };
    case END.closedMidway:
      return { outcome: 'truncated', reason: `connection closed mid-stream: ${reason}` };
    case END.noReply:
      return { outcome: 'timeout', reason: 'no reply within the time limit' };
    case END.stoodStill:
      return { outcome: 'timeout', reason: 'the stream stood still for the time limit' };
    case END.cancelled:
      return { outcome: 'cancelled', reason: 'cancelled by the user' };
    case END.notEvents:
      return { outcome: 'protocol', reason: `expected text/event-stream, found ${contentType || 'no content type'}` };
    case END.notHttp:
      return { outcome: 'protocol', reason: `not HTTP: ${reason}` };
    case END.tooLarge:
      return { outcome: 'protocol', reason: 'a reply of more than 1 GiB' };
    default:
      return { outcome: 'stream-error', reason: 'an error event' };
  }
}
