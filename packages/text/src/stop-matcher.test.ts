import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StopMatcher } from './stop-matcher.js';

/** The whole text at once: cut at the stop that ends first; of two that end there, the longer. */
function naive(text: string, stops: string[], includeStop: boolean): { text: string; stop?: string } {
  for (let end = 1; end <= text.length; end++) {
    const met = stops.filter((stop) => stop !== '' && text.slice(0, end).endsWith(stop)).sort((a, b) => b.length - a.length);
    if (met[0] !== undefined) return { text: text.slice(0, includeStop ? end : end - met[0].length), stop: met[0] };
  }
  return { text };
}

function streamed(pieces: string[], stops: string[], includeStop: boolean): { text: string; stop?: string } {
  const matcher = new StopMatcher(stops, { includeStop });
  let text = '';
  for (const piece of pieces) {
    const pushed = matcher.push(piece);
    text += pushed.text;
    if (pushed.stop !== undefined) return { text, stop: pushed.stop };
  }
  return { text: text + matcher.flush() };
}

const few = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });

describe('stop strings', () => {
  it('agree with a search of the whole text, however the text is cut', () => {
    fc.assert(
      fc.property(fc.array(few, { maxLength: 12 }), fc.array(few, { maxLength: 4 }), fc.boolean(), (pieces, stops, includeStop) => {
        expect(streamed(pieces, stops, includeStop)).toEqual(naive(pieces.join(''), stops, includeStop));
      }),
      { numRuns: 3_000 },
    );
  });

  it('hold back exactly the longest end that can still become a stop', () => {
    fc.assert(
      fc.property(fc.array(few, { maxLength: 12 }), fc.array(few, { minLength: 1, maxLength: 3 }), (pieces, stops) => {
        const matcher = new StopMatcher(stops, { includeStop: false });
        let all = '';
        let shown = '';
        for (const piece of pieces) {
          const pushed = matcher.push(piece);
          if (pushed.stop !== undefined) return;
          all += piece;
          shown += pushed.text;
          const open = Array.from({ length: all.length }, (_, at) => all.slice(at)).find((end) => stops.some((stop) => stop.length > end.length && stop.startsWith(end)));
          expect(shown + (open ?? '')).toBe(all);
        }
      }),
    );
  });

  it('are found across borders of pieces, and leave nothing behind', () => {
    const matcher = new StopMatcher(['</end>'], { includeStop: false });
    expect([matcher.push('One day</'), matcher.push('en'), matcher.push('d> and on')]).toEqual([{ text: 'One day' }, { text: '' }, { text: '', stop: '</end>' }]);
    expect(matcher.flush()).toBe('');
  });
});
