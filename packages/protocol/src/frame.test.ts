import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TrtllmError } from './error-codes.js';
import { encodeFrame, FrameDecoder, MAX_TAIL_BYTES, tailAsFloat32, tailAsInt32 } from './frame.js';

const recorded = new URL('../../../test/fixtures/frames/', import.meta.url);

function prefix(headerBytes: number, tailBytes: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(headerBytes, 0);
  bytes.writeUInt32LE(tailBytes, 4);
  return bytes;
}

describe('frames', () => {
  it('come out as they went in, however the bytes are cut', () => {
    const message = fc.record({ header: fc.record({ type: fc.string(), n: fc.integer() }), ids: fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })) });
    fc.assert(
      fc.property(fc.array(message), fc.integer({ min: 1, max: 64 }), (messages, step) => {
        const bytes = Buffer.concat(messages.map((m) => encodeFrame(m.header, Int32Array.from(m.ids))));
        const decoder = new FrameDecoder();
        const frames = [];
        for (let at = 0; at < bytes.length; at += step) frames.push(...decoder.push(bytes.subarray(at, at + step)));
        expect(frames.map((f) => ({ header: f.header, ids: [...tailAsInt32(f.tail)] }))).toEqual(messages);
        expect(decoder.isAtBorder).toBe(true);
      }),
    );
  });

  it('have the layout that the protocol page draws', () => {
    const bytes = encodeFrame({ type: 'x' }, Int32Array.of(1, 0x193));
    expect(bytes.toString('hex')).toBe('0c00000008000000' + Buffer.from('{"type":"x"}').toString('hex') + '0100000093010000');
  });

  it('are refused by their lengths before any memory is taken', () => {
    expect(() => new FrameDecoder().push(prefix(2, MAX_TAIL_BYTES + 1))).toThrow('a frame tail of 67108865 bytes is over the limit of 67108864');
    expect(() => new FrameDecoder().push(prefix(0xffffffff, 0))).toThrow('a frame header of 4294967295 bytes');
  });

  it('are refused when the header is no object with a type', () => {
    for (const header of ['', '[]', 'null', '{"type":1}', '{', '"\xff"'])
      expect(() => new FrameDecoder().push(Buffer.concat([prefix(header.length, 0), Buffer.from(header, 'latin1')]))).toThrow(TrtllmError);
  });

  it('never fail in any other way than by a TrtllmError, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          new FrameDecoder().push(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(TrtllmError);
        }
      }),
    );
  });

  it('refuse a tail that is no whole number of 4-byte numbers', () => {
    expect(() => tailAsInt32(new Uint8Array(5))).toThrow('a tail of 5 bytes');
    expect(tailAsFloat32(new Uint8Array([0, 0, 0x80, 0x3f]))).toEqual(Float32Array.of(1));
  });
});

describe('recorded frames', () => {
  it.each([
    ['submit.hex', { type: 'submit', id: 1, max_tokens: 2, sampling: { temperature: 0 }, stop_token_ids: [2] }, [1, 0x193]],
    ['step.hex', { type: 'step', iteration: 7, events: [{ id: 1, num_tokens: 2, finish: 'length', cached_tokens: 0 }] }, [0x1b0, 0x17f]],
  ])('%s is read and written as the protocol page has it', (file, header, ids) => {
    const bytes = Buffer.from(readFileSync(new URL(file, recorded), 'utf8').replace(/\s/g, ''), 'hex');
    const [frame] = new FrameDecoder().push(bytes);
    expect(frame!.header).toEqual(header);
    expect([...tailAsInt32(frame!.tail)]).toEqual(ids);
    expect(encodeFrame(header, Int32Array.from(ids)).equals(bytes)).toBe(true);
  });
});
