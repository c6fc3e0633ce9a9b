// Requests as trtllm-loadgen reads them (native/src/loadgen/plan_input.h): a u32 of the bytes behind it, u8 kind, u8 flags, u32 id,
// i64 ns from the start until it is due, then the whole HTTP request. Little-endian.

export interface FramedRequest {
  id: number;
  dueNs: number;
  isStream: boolean;
  /** Waits for one of the slots of --max-concurrency. */
  takesSlot: boolean;
  /** In a closed loop: due when that slot came free. */
  isDueWithSlot: boolean;
  message: string;
}

const REQUEST = 1;
const END = 2;
const START = 3;
const HEAD_BYTES = 14;

export function requestFrame({ id, dueNs, isStream, takesSlot, isDueWithSlot, message }: FramedRequest): Buffer {
  const numBytes = Buffer.byteLength(message);
  const frame = Buffer.allocUnsafe(4 + HEAD_BYTES + numBytes);
  frame.writeUInt32LE(HEAD_BYTES + numBytes, 0);
  frame.writeUInt8(REQUEST, 4);
  frame.writeUInt8(Number(isStream) + 2 * Number(takesSlot) + 4 * Number(isDueWithSlot), 5);
  frame.writeUInt32LE(id, 6);
  frame.writeBigInt64LE(BigInt(Math.round(dueNs)), 10);
  frame.write(message, 4 + HEAD_BYTES);
  return frame;
}

/** When it starts, ns of the monotonic clock; nothing is sent before this is known. */
export function startFrame(startNs: number): Buffer {
  const frame = Buffer.alloc(13);
  frame.writeUInt32LE(9, 0);
  frame.writeUInt8(START, 4);
  frame.writeBigInt64LE(BigInt(Math.round(startNs)), 5);
  return frame;
}

/** No more requests come. */
export const END_FRAME = Buffer.from([1, 0, 0, 0, END]);
