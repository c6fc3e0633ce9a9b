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
  const read = runReader(bytes);
  let frame: ChunkFrame = { before: '', behind: '' };
  let from = 0;
  for (let next, i = 0; i < forms.length; i = next) {
    next = endOfRun(forms, i);
    const times: number[] = [];
    for (let event = i; event < next; event++) times.push(toMs(stamps[event]!));
    const { text, sizes: lengths, to } = read(from, sizes.subarray(i, next));
    if (forms[i] === FORM.text) reply.takeTexts(frame, { text, sizes: lengths, stamps: times });
    else reply.takeEvent(text, forms[i] === FORM.error ? 'error' : '', times[0]!);
    if (forms[i]! >= FORM.frame) frame = frameIn(bytes.subarray(from, to), forms[i]! - FORM.frame);
    from = to;
  }
}

/** Behind the texts of one frame that follow each other, or behind one event of another form. */
function endOfRun(forms: Uint32Array, begin: number): number {
  let end = begin + 1;
  if (forms[begin] === FORM.text) while (end < forms.length && forms[end] === FORM.text) end++;
  return end;
}

/** Strings of so many bytes from a byte on -> what they say, one behind the other, and the length of each. */
type ReadRun = (from: number, sizes: Uint32Array) => { text: string; sizes: ArrayLike<number>; to: number };

function runReader(bytes: Buffer): ReadRun {
  if (!isAscii(bytes)) return (from, sizes) => decoded(bytes, from, sizes);
  // Where a byte is a character, one string serves all.
  const all = bytes.toString('latin1');
  return (from, sizes) => {
    const to = sizes.reduce((sum, size) => sum + size, from);
    return { text: all.slice(from, to), sizes, to };
  };
}

function decoded(bytes: Buffer, from: number, sizes: Uint32Array): ReturnType<ReadRun> {
  let to = from;
  const texts = Array.from(sizes, (size) => bytes.toString('utf8', to, (to += size)));
  return { text: texts.join(''), sizes: texts.map(({ length }) => length), to };
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
