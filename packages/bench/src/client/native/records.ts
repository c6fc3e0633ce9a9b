// What trtllm-loadgen gives back (native/src/loadgen/records.h), read as it comes. Times are ns of the monotonic clock.
import { TrtllmError } from '@trtllm/protocol';

/** How a request ended; the numbers are those of native/src/loadgen/reply.h. */
export const END = {
  whole: 1,
  noConnection: 2,
  closedEarly: 3,
  closedMidway: 4,
  noReply: 5,
  stoodStill: 6,
  notHttp: 7,
  cancelled: 8,
  notEvents: 9,
  errorEvent: 10,
  tooLarge: 11,
} as const;

export interface NativeRecord {
  id: number;
  end: number;
  status: number;
  dueNs: number;
  /** 0: never. */
  sentNs: number;
  endedNs: number;
  reason: string;
  contentType: string;
  /** ns, sizes in `bytes` and FORM: one an event. */
  stamps: Float64Array;
  sizes: Uint32Array;
  forms: Uint32Array;
  /** What is kept of their payloads, one behind the other. */
  bytes: Buffer;
}

/**
 * What is kept of an event; the numbers are those of native/src/loadgen/events.h. From `frame` on it is a whole payload, and the string
 * that begins at byte `form - frame`, up to its closing quote, is what differs in the `text` that follow.
 */
export const FORM = { whole: 0, error: 1, text: 2, frame: 3 } as const;

export interface Farewell {
  /** CPU time of the process. */
  cpuS: number;
  /** ns that bytes lay in their sockets before they were read. */
  readLagNs: { p50: number; p99: number; max: number };
}

export interface RecordHandlers {
  onRecord(record: NativeRecord): void;
  /** Totals so far. */
  onProgress(numSent: number, numEvents: number): void;
  onFarewell(farewell: Farewell): void;
}

/** Of all layouts here and of plan-frames.ts: that of native/src/loadgen/records.h. */
const STREAM_VERSION = 2;
const RECORD = 1;
const PROGRESS = 2;
const FAREWELL = 3;
const GREETING = 4;
const EVENT_BYTES = 16;
const RECORD_HEAD_BYTES = 44;

/** Puts frames together from what a pipe gives. Throws for what another build wrote. */
export class RecordReader {
  #pieces: Buffer[] = [];
  #size = 0;
  #wanted = 4;
  #isGreeted = false;

  constructor(private readonly handlers: RecordHandlers) {}

  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#size < this.#wanted) return;
    const bytes = this.#pieces.length === 1 ? piece : Buffer.concat(this.#pieces);
    const read = this.#takeFrames(bytes);
    this.#pieces = read < bytes.length ? [bytes.subarray(read)] : [];
    this.#size = bytes.length - read;
    this.#wanted = this.#size < 4 ? 4 : 4 + bytes.readUInt32LE(read);
  }

  #takeFrames(bytes: Buffer): number {
    let at = 0;
    while (at + 4 <= bytes.length) {
      const end = at + 4 + bytes.readUInt32LE(at);
      if (end > bytes.length) break;
      this.#takeFrame(bytes.subarray(at + 4, end));
      at = end;
    }
    return at;
  }

  #takeFrame(frame: Buffer): void {
    const kind = frame[0];
    if (!this.#isGreeted) this.#greet(frame);
    else if (kind === RECORD) this.handlers.onRecord(recordOf(frame));
    else if (kind === PROGRESS) this.handlers.onProgress(int64(frame, 1), int64(frame, 9));
    else if (kind === FAREWELL) this.handlers.onFarewell({ cpuS: int64(frame, 1) / 1e9, readLagNs: { p50: int64(frame, 9), p99: int64(frame, 17), max: int64(frame, 25) } });
    else throw otherBuild(`a frame of kind ${kind}`);
  }

  /** The first frame says by which layouts the others are to be read. */
  #greet(frame: Buffer): void {
    if (frame[0] !== GREETING || frame.length !== 5) throw otherBuild('no greeting first');
    const version = frame.readUInt32LE(1);
    if (version !== STREAM_VERSION) throw otherBuild(`records of version ${version}, expected ${STREAM_VERSION}`);
    this.#isGreeted = true;
  }
}

function otherBuild(found: string): TrtllmError {
  return new TrtllmError('WORKER_PROTOCOL', `trtllm-loadgen: ${found}; it is of another build than these packages: run \`make build\``);
}

function recordOf(frame: Buffer): NativeRecord {
  const numEvents = frame.readUInt32LE(40);
  const reasonAt = RECORD_HEAD_BYTES + EVENT_BYTES * numEvents;
  const typeAt = reasonAt + frame.readUInt32LE(32);
  const bytesAt = typeAt + frame.readUInt32LE(36);
  // A copy, since typed arrays have to be aligned.
  const columns = frame.buffer.slice(frame.byteOffset + RECORD_HEAD_BYTES, frame.byteOffset + reasonAt);
  return {
    end: frame[1]!,
    status: frame.readUInt16LE(2),
    id: frame.readUInt32LE(4),
    dueNs: int64(frame, 8),
    sentNs: int64(frame, 16),
    endedNs: int64(frame, 24),
    reason: frame.toString('utf8', reasonAt, typeAt),
    contentType: frame.toString('utf8', typeAt, bytesAt),
    stamps: new Float64Array(columns, 0, numEvents),
    sizes: new Uint32Array(columns, 8 * numEvents, numEvents),
    forms: new Uint32Array(columns, 12 * numEvents, numEvents),
    bytes: frame.subarray(bytesAt),
  };
}

/** A number is exact up to 2^53 ns, 104 days since the machine started, and to 2 ns up to twice that. */
function int64(bytes: Buffer, at: number): number {
  return bytes.readInt32LE(at + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at);
}
