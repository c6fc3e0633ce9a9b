import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HttpError } from './errors.js';
import { parseJsonBody } from './json-body.js';

const parse = (text: string) => parseJsonBody(Buffer.from(text));

describe('parseJsonBody', () => {
  it('reads a 64-bit seed exactly', () => {
    expect(parse('{"seed": 18446744073709551615}').seed).toBe(18446744073709551615n);
    expect(parse('{"a":{"seed":1}, "se\\u0065d" : -9007199254740993 }').seed).toBe(-9007199254740993n);
    expect(parse('{"seed":1,"seed":2}').seed).toBe(2n);
    expect(parse('{"seed":18446744073709551615,"a":"seed"}').seed).toBe(18446744073709551615n);
  });

  it('takes no seed from inside a string, from a deeper object, or from a number that is no integer', () => {
    for (const text of ['{"a":"\\"seed\\":5"}', '{"a":{"seed":5}}', '{"seed":1.5}', '{"seed":"5"}', '{"a":"seed"}'])
      expect(parse(text).seed, text).toBeUndefined();
  });

  it('refuses what is no JSON object in UTF-8, or nested too deep', () => {
    const deep = '{"a":' + '['.repeat(100) + ']'.repeat(100) + '}';
    for (const text of ['', '[]', 'null', '{', '"x"', deep, '{"a":"\\']) {
      expect(() => parse(text), text.slice(0, 20)).toThrow(HttpError);
    }
    expect(() => parseJsonBody(Buffer.from([0x7b, 0xff, 0x7d]))).toThrow('not UTF-8');
    expect(() => parse('['.repeat(5_000_000))).toThrow('nested deeper');
    expect(parse('{"a":' + '['.repeat(99) + ']'.repeat(99) + '}').fields).toBeDefined();
  });

  it('agrees with JSON.parse on every object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), (object) => {
        const text = JSON.stringify(object);
        expect(parse(text).fields).toEqual(JSON.parse(text));
      }),
    );
  });
});
