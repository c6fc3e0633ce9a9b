import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Detokenizer } from './detokenizer.js';
import { byteLevelTokenizer, stories } from './testing/tokenizers.js';

const sentencePiece = await stories();
const tokenizers = { sentencePiece, byteLevel: await byteLevelTokenizer() };

describe.each(['sentencePiece', 'byteLevel'] as const)('detokenizing, %s', (kind) => {
  const tokenizer = tokenizers[kind];
  const id = fc.integer({ min: 0, max: tokenizer.vocabSize - 1 });

  it.each([true, false])('gives the text of all ids, however they come (special tokens skipped: %s)', (skipSpecialTokens) => {
    fc.assert(
      fc.property(fc.array(fc.array(id, { maxLength: 6 }), { maxLength: 20 }), (groups) => {
        const detokenizer = new Detokenizer(tokenizer, { skipSpecialTokens });
        const pieces = groups.map((ids) => detokenizer.push(ids));
        expect([...pieces, detokenizer.flush()].join('')).toBe(tokenizer.decode(groups.flat(), { skipSpecialTokens }));
      }),
      { numRuns: 500 },
    );
  });

  it('loses no character behind a long run of bytes that make none', () => {
    const invalid = Array.from({ length: tokenizer.vocabSize }, (_, each) => each).find((each) => tokenizer.tokenBytes(each)[0] === 0xff)!;
    const euro = tokenizer.encode('\u20ac', { addSpecialTokens: false });
    for (let count = 1; count < 80; count++) {
      const ids = [...Array<number>(count).fill(invalid), ...euro, ...euro];
      const detokenizer = new Detokenizer(tokenizer, { skipSpecialTokens: true });
      const pieces = ids.map((each) => detokenizer.push([each]));
      expect([...pieces, detokenizer.flush()].join('')).toBe(tokenizer.decode(ids, { skipSpecialTokens: true }));
    }
  });

  it('never splits a character, and shows one as soon as its last byte is there', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), (text) => {
        const ids = tokenizer.encode(text, { addSpecialTokens: false });
        const detokenizer = new Detokenizer(tokenizer, { skipSpecialTokens: true });
        const whole = tokenizer.decode(ids, { skipSpecialTokens: true });
        fc.pre(!whole.includes('\ufffd'));
        let shown = '';
        for (const each of ids) {
          const piece = detokenizer.push([each]);
          expect(piece.isWellFormed()).toBe(true);
          expect(piece).not.toContain('\ufffd');
          shown += piece;
        }
        expect(shown).toBe(whole);
        expect(detokenizer.flush()).toBe('');
      }),
      { numRuns: 500 },
    );
  });
});

describe('detokenizing', () => {
  it('takes as long for the ten-thousandth token as for the first', () => {
    const ids = Array.from({ length: 20_000 }, (_, i) => 3 + (i % 500));
    const detokenizer = new Detokenizer(sentencePiece, { skipSpecialTokens: true });
    const time_ms = (part: number[]) => {
      const start_ms = performance.now();
      for (const each of part) detokenizer.push([each]);
      return performance.now() - start_ms;
    };
    time_ms(ids.slice(0, 2_000)); // warm
    const early_ms = time_ms(ids.slice(0, 4_000));
    time_ms(ids);
    const late_ms = time_ms(ids.slice(0, 4_000));
    expect(late_ms).toBeLessThan(5 * early_ms + 20);
  });
});
