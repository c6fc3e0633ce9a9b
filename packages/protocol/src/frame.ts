// Bytes <-> frames of the link between runtime and worker; knows lengths, not meaning.
// A frame: u32 header length, u32 tail length, JSON header, raw tail; little-endian (docs/worker-protocol.md).
import { TrtllmError } from './error-codes.js';

export const MAX_HEADER_BYTES = 16 * 1024 * 1024;
export const MAX_TAIL_BYTES = 64 * 1024 * 1024;
const PREFIX_BYTES = 8;

export interface Frame {
  header: { type: string; [field: string]: unknown };
  tail: Uint8Array;
}

/** The bytes of one frame. The tail is given as numbers' memory (Int32Array, Float32Array): little-endian hosts only. */
export function encodeFrame(header: object, tail?: ArrayBufferView): Buffer {
  const head = Buffer.from(JSON.stringify(header), 'utf8');
  const body = tail ? Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength) : Buffer.alloc(0);
  checkLength('header', head.length, MAX_HEADER_BYTES);
  checkLength('tail', body.length, MAX_TAIL_BYTES);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32LE(head.length, 0);
  prefix.writeUInt32LE(body.length, 4);
  return Buffer.concat([prefix, head, body]);
}

/** Takes bytes as they come and gives each frame once it is whole. After an error it must not be used again. */
export class FrameDecoder {
  private chunks: Buffer[] = [];
  private buffered = 0;
  /** Bytes that the next step needs: the prefix, then the whole frame. */
  private needed = PREFIX_BYTES;

  push(chunk: Uint8Array): Frame[] {
    this.chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    this.buffered += chunk.byteLength;
    const frames: Frame[] = [];
    while (this.buffered >= this.needed) {
      const bytes = this.join();
      const headerBytes = bytes.readUInt32LE(0);
      const tailBytes = bytes.readUInt32LE(4);
      checkLength('header', headerBytes, MAX_HEADER_BYTES);
      checkLength('tail', tailBytes, MAX_TAIL_BYTES);
      this.needed = PREFIX_BYTES + headerBytes + tailBytes;
      if (bytes.length < this.needed) break;
      frames.push({
        header: parseHeader(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + headerBytes)),
        tail: bytes.subarray(PREFIX_BYTES + headerBytes, this.needed),
      });
      this.drop(bytes, this.needed);
    }
    return frames;
  }

  /** True between frames: a connection that ends elsewhere was cut. */
  get isAtBorder(): boolean {
    return this.buffered === 0;
  }

  private join(): Buffer {
    const bytes = this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks);
    this.chunks = [bytes];
    return bytes;
  }

  private drop(bytes: Buffer, length: number): void {
    const rest = bytes.subarray(length);
    this.chunks = rest.length > 0 ? [rest] : [];
    this.buffered = rest.length;
    this.needed = PREFIX_BYTES;
  }
}

/** The tail as int32, copied: a tail begins at any offset of its chunk. */
export function tailAsInt32(tail: Uint8Array): Int32Array {
  checkMultipleOf4(tail);
  return new Int32Array(Uint8Array.from(tail).buffer);
}

/** The tail as float32, copied. */
export function tailAsFloat32(tail: Uint8Array): Float32Array {
  checkMultipleOf4(tail);
  return new Float32Array(Uint8Array.from(tail).buffer);
}

function parseHeader(bytes: Buffer): Frame['header'] {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new TrtllmError('WORKER_PROTOCOL', `a frame header of ${bytes.length} bytes is not JSON in UTF-8`, { cause });
  }
  if (typeof value !== 'object' || value === null || typeof (value as { type?: unknown }).type !== 'string')
    throw new TrtllmError('WORKER_PROTOCOL', 'a frame header is not an object with a "type"');
  return value as Frame['header'];
}

function checkLength(part: string, bytes: number, limit: number): void {
  if (bytes > limit) throw new TrtllmError('WORKER_PROTOCOL', `a frame ${part} of ${bytes} bytes is over the limit of ${limit}`);
}

function checkMultipleOf4(tail: Uint8Array): void {
  if (tail.byteLength % 4 !== 0)
    throw new TrtllmError('WORKER_PROTOCOL', `a tail of ${tail.byteLength} bytes does not hold 4-byte numbers`);
}
