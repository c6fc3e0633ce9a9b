// Streams made of pieces that break parsers, cut anywhere, against a plain reading of the rules over the whole text (HTML standard, 9.2.6).
// TRTLLM_FUZZ_INPUTS: how many, e.g. 1000000.
import { expect, test } from 'vitest';
import { seededRandom, type SeededRandom } from '../plan/seeded-random.js';
import { SseParser } from './sse-parser.js';

const NUM_INPUTS = Number(process.env['TRTLLM_FUZZ_INPUTS'] ?? 20_000);
const PIECES = ['\n', '\r', '\r\n', '\n\n', 'data', 'data:', 'data: ', ':', ' ', 'event: error', 'event', 'id: 1', 'retry: 3', '\ufeff', 'é', '😀', '{"choices":[]}', '[DONE]', 'x'].map((text) => Buffer.from(text));
PIECES.push(Buffer.of(0xc3), Buffer.of(0xff), Buffer.of(0));

type Event = [data: string, event: string];

function drawStream(random: SeededRandom): Buffer {
  return Buffer.concat(Array.from({ length: random.integer(0, 23) }, () => PIECES[random.integer(0, PIECES.length - 1)]!));
}

function parse(stream: Buffer, sizeOf: () => number): Event[] {
  const events: Event[] = [];
  const parser = new SseParser((data, event) => events.push([data, event]));
  for (let at = 0; at < stream.length; ) {
    const size = sizeOf();
    parser.push(stream.subarray(at, at + size));
    at += size;
  }
  return events;
}

function plainEvents(stream: Buffer): Event[] {
  // Bytes as characters: lines must be cut before they are decoded.
  const lines = stream.toString('latin1').replace(/^\u00ef\u00bb\u00bf/, '').split(/\r\n|\r|\n/).slice(0, -1);
  const events: Event[] = [];
  let data: string[] = [];
  let event = '';
  for (const line of lines) {
    const [, field, value = ''] = /^([^:]*):? ?(.*)$/s.exec(line)!;
    if (line === '') {
      if (data.length > 0) events.push([data.join('\n'), event]);
      data = [];
      event = '';
    } else if (field === 'data') data.push(decode(value));
    else if (field === 'event') event = decode(value);
  }
  return events;
}

const decode = (latin1: string): string => Buffer.from(latin1, 'latin1').toString();

test(`${NUM_INPUTS} streams give the events of the rules, however they are cut`, { timeout: 60_000 + NUM_INPUTS }, () => {
  const random = seededRandom(1, 'sse-fuzz');
  for (let i = 0; i < NUM_INPUTS; i++) {
    const stream = drawStream(random);
    const most = random.integer(1, 8);
    const found = parse(stream, () => random.integer(1, most));
    const expected = plainEvents(stream);
    if (JSON.stringify(found) !== JSON.stringify(expected)) expect(found, JSON.stringify(stream.toString('latin1'))).toEqual(expected);
  }
});
