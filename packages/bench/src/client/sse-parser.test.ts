import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SseParser } from './sse-parser.js';

type Event = [data: string, event: string];

function parse(...reads: Buffer[]): Event[] {
  const events: Event[] = [];
  const parser = new SseParser((data, event) => events.push([data, event]));
  for (const read of reads) parser.push(read);
  return events;
}

const EVERY_RULE = Buffer.from(
  '\ufeffdata:{"choices":1}\r\n\r\n: comment\ndata: one\rdata:two\n\nevent: error\nid: 7\ndata:  kept \n\ndata\n\ndata: "é😀"\r\rdata: unfinished\n',
);
const EXPECTED: Event[] = [
  ['{"choices":1}', ''],
  ['one\ntwo', ''],
  [' kept ', 'error'],
  ['', ''],
  ['"é😀"', ''],
];

test('follows the rules for line ends, blanks, comments, BOM, joined data and event names', () => {
  expect(parse(EVERY_RULE)).toEqual(EXPECTED);
});

test('gives the same events when the bytes are cut at any one place', () => {
  for (let cut = 0; cut <= EVERY_RULE.length; cut++) {
    expect(parse(EVERY_RULE.subarray(0, cut), EVERY_RULE.subarray(cut)), `cut at ${cut}`).toEqual(EXPECTED);
  }
});

test('gives the same events when the bytes are cut anywhere any number of times', () => {
  const cuts = fc.uniqueArray(fc.nat(EVERY_RULE.length), { maxLength: 40 });
  fc.assert(
    fc.property(cuts, (unsorted) => {
      const borders = [0, ...unsorted.sort((a, b) => a - b), EVERY_RULE.length];
      const reads = borders.slice(1).map((to, i) => EVERY_RULE.subarray(borders[i], to));
      expect(parse(...reads)).toEqual(EXPECTED);
    }),
  );
});

test('any texts survive the way through events', () => {
  const line = fc.string({ unit: 'binary' }).map((text) => text.replaceAll(/[\r\n]/g, ''));
  fc.assert(
    fc.property(fc.array(line), fc.constantFrom('\n', '\r\n', '\r'), (texts, end) => {
      const bytes = Buffer.from(texts.map((text) => `data: ${text}${end}${end}`).join(''));
      expect(parse(bytes).map(([data]) => data)).toEqual(texts.map((text) => Buffer.from(text).toString()));
    }),
    { numRuns: 30 },
  );
});
