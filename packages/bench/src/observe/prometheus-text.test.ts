import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePrometheus } from './prometheus-text.js';

test('names, labels with escapes, times behind values, numbers of every kind', () => {
  const text = [
    '# HELP a Something',
    '# TYPE a gauge',
    'a 1',
    'a{x="1",y="two words, and {braces}"} 2.5e3 1395066363000',
    'a{x="line\\nbreak \\"quoted\\" back\\\\slash",} -Inf',
    'vllm:b_bucket{le="+Inf"} NaN\r',
    'c{} +Inf',
    '',
  ].join('\n');
  expect(parsePrometheus(text)).toEqual([
    { name: 'a', labels: {}, value: 1 },
    { name: 'a', labels: { x: '1', y: 'two words, and {braces}' }, value: 2500 },
    { name: 'a', labels: { x: 'line\nbreak "quoted" back\\slash' }, value: -Infinity },
    { name: 'vllm:b_bucket', labels: { le: '+Inf' }, value: Number.NaN },
    { name: 'c', labels: {}, value: Infinity },
  ]);
  expect(parsePrometheus(text, new Set(['c']))).toHaveLength(1);
});

test('what is no sample is left out', () => {
  expect(parsePrometheus('<html>\n{"a": 1}\na\na one\na{x=1} 1\na{x="1} 1\n1a 1\n')).toEqual([]);
});

test('any labels and values survive being written', () => {
  const name = fc.stringMatching(/^[a-z_:][a-z0-9_:]{0,8}$/);
  const labels = fc.dictionary(fc.stringMatching(/^[a-z_][a-z0-9_]{0,5}$/), fc.string({ unit: 'grapheme' }).filter((text) => !/[\r]/.test(text)), { noNullPrototype: true });
  const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  fc.assert(
    fc.property(name, labels, fc.double({ noNaN: true }).filter((number) => !Object.is(number, -0)), (sample, given, value) => {
      const line = `${sample}{${Object.entries(given).map(([key, text]) => `${key}="${escaped(text)}"`).join(',')}} ${value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : value}\n`;
      expect(parsePrometheus(line)).toEqual([{ name: sample, labels: given, value }]);
    }),
    { examples: [['a', { b: '\u2028' }, 0]] },
  );
});
