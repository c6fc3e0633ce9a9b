// A record of trtllm-loadgen -> the Exchange that the Node client would have given: JSON is read here, not while replies come.
import { isAscii } from 'node:buffer';
import type { ChunkFrame } from '../chunk-reader.js';
import type { TextRun } from '../content-events.js';
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

function takeEvents(reply: ReplyReader, record: NativeRecord, toMs: (ns: number) => number): void {
  const { stamps, sizes, forms, bytes } = record;
  // Where a byte is a character, one string serves all events.
  const all = isAscii(bytes) ? bytes.toString('latin1') : undefined;
  let frame: ChunkFrame = { before: '', behind: '' };
  for (let i = 0, from = 0; i < forms.length; ) {
    const form = forms[i]!;
    if (form === FORM.text) {
      const { run, next, to } = runAt(record, all, i, from, toMs);
      reply.takeTexts(frame, run);
      [i, from] = [next, to];
      continue;
    }
    const to = from + sizes[i]!;
    reply.takeEvent(all?.slice(from, to) ?? bytes.toString('utf8', from, to), form === FORM.error ? 'error' : '', toMs(stamps[i]!));
    if (form >= FORM.frame) frame = frameIn(bytes.subarray(from, to), form - FORM.frame);
    [i, from] = [i + 1, to];
  }
}

/** The texts that follow each other from event `first` on, whose bytes begin at `from`; and where they end. */
function runAt({ stamps, sizes, forms, bytes }: NativeRecord, all: string | undefined, first: number, from: number, toMs: (ns: number) => number): { run: TextRun; next: number; to: number } {
  const times: number[] = [];
  let next = first;
  let to = from;
  for (; next < forms.length && forms[next] === FORM.text; next++) {
    to += sizes[next]!;
    times.push(toMs(stamps[next]!));
  }
  const own = sizes.subarray(first, next);
  const texts = all === undefined ? decoded(bytes, from, own) : { text: all.slice(from, to), sizes: own };
  return { run: { ...texts, stamps: times }, next, to };
}

/** Texts of so many bytes from a byte on, one behind the other, and the length of each. */
function decoded(bytes: Buffer, from: number, sizes: Uint32Array): Omit<TextRun, 'stamps'> {
  let to = from;
  const texts = Array.from(sizes, (size) => bytes.toString('utf8', to, (to += size)));
  return { text: texts.join(''), sizes: texts.map(({ length }) => length) };
}

/** `chunk`: all of one, in which the text that differs begins at a byte. */
function frameIn(chunk: Buffer, textAt: number): ChunkFrame {
  return { before: chunk.toString('utf8', 0, textAt), behind: chunk.toString('utf8', chunk.indexOf('"', textAt)) };
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
