import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReplyReader } from './reply-reader.js';

const FRAMES = [
  { before: '{"choices":[{"text":"', behind: '"}]}' },
  { before: '{"choices":[{"delta":{"reasoning_content":"', behind: '"}}]}' },
  { before: '{"choices":[{"delta":{"content":"', behind: '"},"token_ids":[7,8]}]}' },
  { before: '{"choices":[{"text":"', behind: '"}],"usage":{"completion_tokens":3}}' },
  { before: '{"note":"', behind: '","choices":[]}' },
  { before: '{"choices":[{"text":"', behind: '"}]' },
];

test('texts of one frame give what their chunks give one by one', () => {
  const text = fc.constantFrom('a', ' the', 'größer', '😀', '0');
  const run = fc.record({ frame: fc.constantFrom(...FRAMES), texts: fc.array(text, { maxLength: 6 }) });
  fc.assert(
    fc.property(fc.array(run, { maxLength: 6 }), (runs) => {
      const [together, apart] = [new ReplyReader(), new ReplyReader()];
      let at = 0;
      for (const { frame, texts } of runs) {
        const stamps = texts.map(() => ++at);
        together.takeTexts(frame, { text: texts.join(''), sizes: texts.map(({ length }) => length), stamps });
        texts.forEach((each, i) => apart.takeEvent(frame.before + each + frame.behind, '', stamps[i]!));
      }
      expect(seen(together)).toEqual(seen(apart));
    }),
  );
});

function seen({ content, silent, reasons, answeredAt, usage, failure }: ReplyReader): unknown {
  return { content, silent, reasons, answeredAt, usage, failure };
}

test('what few events tell is told of those', () => {
  const reply = new ReplyReader();
  reply.takeEvent('{"choices":[{"text":"a"}]}', '', 1);
  reply.takeEvent('{"choices":[{"text":"b","token_ids":[1,2]}],"usage":{"completion_tokens":3}}', '', 2);
  reply.takeEvent('{"choices":[{"text":"c"}]}', '', 3);
  expect(reply.content).toEqual({ stamps: [1, 2, 3], text: 'abc', ends: [1, 2, 3], told: [0, 2], running: [-1, 3] });
});
