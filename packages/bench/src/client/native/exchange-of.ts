// A record of trtllm-loadgen -> the Exchange that the Node client would have given: JSON is read here, not while replies come.
import { isAscii } from 'node:buffer';
import type { ChunkFrame } from '../chunk-reader.js';
import { endWhole } from '../reply-end.js';
import { ReplyReader } from '../reply-reader.js';
import type { Failure } from '../request-record.js';
import type { Exchange, Post } from '../stream-client.js';
import { END, FORM, type NativeRecord } from './records.js';

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

function takeEvents(reply: ReplyReader, { stamps, sizes, forms, bytes }: NativeRecord, toMs: (ns: number) => number): void {
  const textOf = textReader(bytes);
  let frame: ChunkFrame = { before: '', behind: '' };
  let from = 0;
  for (let next, i = 0; i < forms.length; i = next) {
    next = endOfRun(forms, i);
    const texts: string[] = [];
    const times: number[] = [];
    for (let event = i; event < next; event++) {
      texts.push(textOf(from, (from += sizes[event]!)));
      times.push(toMs(stamps[event]!));
    }
    if (forms[i] === FORM.text) reply.takeTexts(frame, texts, times);
    else reply.takeEvent(texts[0]!, forms[i] === FORM.error ? 'error' : '', times[0]!);
    if (forms[i]! >= FORM.frame) frame = frameIn(bytes, textOf, { from: from - sizes[i]!, textAt: forms[i]! - FORM.frame, to: from });
  }
}

/** Behind the texts of one frame that follow each other, or behind one event of another form. */
function endOfRun(forms: Uint32Array, begin: number): number {
  let end = begin + 1;
  if (forms[begin] === FORM.text) while (end < forms.length && forms[end] === FORM.text) end++;
  return end;
}

/** From byte to byte. */
type TextOf = (from: number, to: number) => string;

function textReader(bytes: Buffer): TextOf {
  if (!isAscii(bytes)) return (from, to) => bytes.toString('utf8', from, to);
  // Where a byte is a character, one string serves all events.
  const text = bytes.toString('latin1');
  return (from, to) => text.slice(from, to);
}

function frameIn(bytes: Buffer, textOf: TextOf, { from, textAt, to }: { from: number; textAt: number; to: number }): ChunkFrame {
  const textFrom = from + textAt;
  return { before: textOf(from, textFrom), behind: textOf(bytes.indexOf('"', textFrom), to) };
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
      return { outcome: 'protocol', reason: 'a reply of more than 1 GiB, or one line of more than 64 MiB' };
    default:
      return { outcome: 'stream-error', reason: 'an error event' };
  }
}
