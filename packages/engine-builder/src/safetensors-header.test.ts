import { TrtllmError } from '@trtllm/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSafetensors } from './safetensors-header.js';
import { withHeader } from './testing/tiny-checkpoint.js';

const tensor = (dtype: string, shape: unknown, data_offsets: unknown) => ({ dtype, shape, data_offsets });
const parse = (header: unknown, dataBytes: number) => parseSafetensors(withHeader(JSON.stringify(header), new Uint8Array(dataBytes)), 'm.safetensors');

describe('safetensors header', () => {
  it('gives tensors in the order of their data, with absolute offsets', () => {
    const header = { b: tensor('F32', [2], [8, 16]), a: tensor('BF16', [2, 2], [0, 8]), __metadata__: { format: 'pt' } };
    const start = 8 + JSON.stringify(header).length;
    expect(parse(header, 16)).toEqual([
      { name: 'a', dtype: 'BF16', shape: [2, 2], offset: start, bytes: 8 },
      { name: 'b', dtype: 'F32', shape: [2], offset: start + 8, bytes: 8 },
    ]);
  });

  it('takes white space around the header, a scalar and an empty tensor', () => {
    const header = ` ${JSON.stringify({ s: tensor('F32', [], [0, 4]), e: tensor('F32', [0, 3], [4, 4]) })}  `;
    expect(parseSafetensors(withHeader(header, new Uint8Array(4)), 'm').map(({ name }) => name)).toEqual(['s', 'e']);
  });

  it.each([
    ['a gap between tensors', { a: tensor('F32', [1], [0, 4]), b: tensor('F32', [1], [8, 12]) }, 12, /b begins at byte .* there is a gap/],
    ['overlapping tensors', { a: tensor('F32', [2], [0, 8]), b: tensor('F32', [1], [4, 8]) }, 8, /b begins at byte .* tensors overlap/],
    ['data that ends early', { a: tensor('F32', [2], [0, 8]) }, 7, /truncated/],
    ['bytes after the last tensor', { a: tensor('F32', [2], [0, 8]) }, 9, /bytes after the last tensor/],
    ['a shape that needs other bytes', { a: tensor('F32', [3], [0, 8]) }, 8, /F32 \[3\] needs 12 bytes, data_offsets give 8/],
    ['a product beyond 64 bits', { a: tensor('F32', [2 ** 40, 2 ** 40], [0, 0]) }, 0, /needs 4835703278458516698824704 bytes/],
    ['an unknown dtype', { a: tensor('Q4', [2], [0, 8]) }, 8, /a: dtype "Q4" is unknown/],
    ['a negative size', { a: tensor('F32', [-1], [0, 4]) }, 4, /a: shape \[-1\] is not/],
    ['nine dimensions', { a: tensor('U8', [1, 1, 1, 1, 1, 1, 1, 1, 1], [0, 1]) }, 1, /at most 8/],
    ['offsets backwards', { a: tensor('F32', [1], [4, 0]) }, 4, /data_offsets \[4,0\] is not/],
    ['metadata that is not text', { __metadata__: { a: 1 } }, 0, /__metadata__/],
    ['a list as header', [], 0, /not a JSON object/],
  ])('refuses %s', (_, header, dataBytes, message) => {
    expect(() => parse(header, dataBytes)).toThrow(message);
  });

  it('refuses a name that is there twice, escaped differently too', () => {
    const entry = JSON.stringify(tensor('F32', [1], [0, 4]));
    expect(() => parseSafetensors(withHeader(`{"a":${entry},"\\u0061":${entry}}`, new Uint8Array(4)), 'm')).toThrow(/"a" is there twice/);
  });

  it('refuses endless nesting, bytes that are not UTF-8, and a length beyond the file', () => {
    expect(() => parseSafetensors(withHeader(`{"a":${'['.repeat(200_000)}`), 'm')).toThrow(/nested deeper than 64/);
    expect(() => parseSafetensors(withHeader(Buffer.from([0x7b, 0xff, 0x7d])), 'm')).toThrow(/not text in UTF-8/);
    expect(() => parseSafetensors(Buffer.from('ffffffffffffffff7b7d', 'hex'), 'm')).toThrow(/header of 18446744073709551615 bytes/);
    expect(() => parseSafetensors(withHeader('{}   ').subarray(0, 11), 'm')).toThrow(/truncated/);
    expect(() => parseSafetensors(Buffer.alloc(3), 'm')).toThrow(/has 3 bytes/);
  });

  it('never throws anything but a TrtllmError, whatever the bytes', () => {
    const sample = withHeader(JSON.stringify({ a: tensor('F32', [2], [0, 8]), b: tensor('I8', [1, 3], [8, 11]) }), new Uint8Array(11));
    const mutated = fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }).map((edits) => {
      const bytes = Buffer.from(sample);
      for (const [at, value] of edits) bytes[at] = value;
      return bytes;
    });
    const jsonHeaders = fc.json().map((text) => withHeader(text));
    const cut = fc.nat(sample.length).map((length) => sample.subarray(0, length));
    fc.assert(
      fc.property(fc.oneof(mutated, jsonHeaders, cut, fc.uint8Array()), (bytes) => {
        try {
          const tensors = parseSafetensors(bytes, 'fuzz');
          for (const { offset, bytes: size } of tensors) expect(offset + size).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          if (!(error instanceof TrtllmError) || error.code !== 'SAFETENSORS_INVALID') throw error;
        }
      }),
      { numRuns: 3000, seed: 7 },
    );
  });
});
