// Bodies for servers that know fewer fields than others.
import { expect, test } from 'vitest';
import { refusalHint, requestBody } from './request-body.js';

const OPTIONS = { backend: 'openai-chat', stream: true, ignoreEos: false, sampling: {}, extraBody: {}, outputLen: 32 } as const;
const PLAN = { prompt: 'hi', outputTokens: 32 };

test('only fields of the OpenAI API are sent unless others are asked for', () => {
  expect(Object.keys(JSON.parse(requestBody(OPTIONS, 'm', PLAN)))).toEqual([
    'model',
    'messages',
    'max_completion_tokens',
    'temperature',
    'stream',
    'stream_options',
  ]);
});

test('a null in the extra body takes its field out; a null inside a value is sent', () => {
  const extraBody = { temperature: null, stream_options: null, max_completion_tokens: null, max_tokens: 32, more: { stop: null } };
  expect(JSON.parse(requestBody({ ...OPTIONS, extraBody }, 'm', PLAN))).toEqual({
    model: 'm',
    messages: [{ role: 'user', content: 'hi' }],
    max_tokens: 32,
    stream: true,
    more: { stop: null },
  });
});

test.each([
  ['ignore_eos', 'leave out --ignore-eos'],
  ['max_completion_tokens', `--extra-body '{"max_completion_tokens":null,"max_tokens":32}'`],
  ['stream_options', `--extra-body '{"stream_options":null}'`],
  ['temperature', `--extra-body '{"temperature":null}'`],
])('a server that refuses %s is answered with the flag that mends it', (field, mend) => {
  expect(refusalHint({ ...OPTIONS, ignoreEos: true }, `HTTP 422: Unexpected fields: {'${field}'}`)).toContain(mend);
});

test('a refusal that names no such field gets no advice', () => {
  expect(refusalHint(OPTIONS, 'HTTP 404: no such model')).toBe('');
  expect(refusalHint(OPTIONS, 'HTTP 422: ignore_eos was not even sent')).toBe('');
});
