import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveFake, type Served } from '../testing/serve-fake.js';

let served: Served;
beforeAll(async () => {
  served = await serveFake({ ready: { enable_chunked_context: false } });
});
afterAll(() => served.close());

async function errorOf(response: Response): Promise<any> {
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  const { error } = (await response.json()) as any;
  expect(Object.keys(error)).toEqual(['message', 'type', 'param', 'code']);
  return { status: response.status, ...error };
}

const completion = async (fields: object) => errorOf(await served.post('/v1/completions', { prompt: [5], ...fields }));
const chat = async (fields: object) => errorOf(await served.post('/v1/chat/completions', { messages: [{ role: 'user', content: 'hi' }], ...fields }));

describe('a completion request is refused by name', () => {
  it.each<[object, string | null, string | null, RegExp]>([
    [{ prompt: undefined }, 'prompt', null, /prompt/],
    [{ prompt: '' , add_special_tokens: false }, 'prompt', null, /at least one token/],
    [{ prompt: [] }, 'prompt', null, /prompt/],
    [{ prompt: [[]] }, 'prompt[0]', null, /prompt\[0\]/],
    [{ prompt: [1, 'a'] }, 'prompt[1]', null, /prompt\[1\]/],
    [{ prompt: [512] }, 'prompt', null, /token id 512 is outside the vocabulary of 512/],
    [{ prompt: [-1] }, 'prompt[0]', null, />=0/],
    [{ model: 7 }, 'model', null, /expected string/],
    [{ temperature: -0.1 }, 'temperature', null, />=0/],
    [{ temperature: '1' }, 'temperature', null, /expected number/],
    [{ temperature: true }, 'temperature', null, /expected number/],
    [{ top_p: 0 }, 'top_p', null, />0/],
    [{ top_p: 1.1 }, 'top_p', null, /<=1/],
    [{ top_k: 1.5 }, 'top_k', null, /int/],
    [{ min_p: 2 }, 'min_p', null, /<=1/],
    [{ repetition_penalty: 0 }, 'repetition_penalty', null, />0/],
    [{ presence_penalty: 3 }, 'presence_penalty', null, /<=2/],
    [{ n: 0 }, 'n', null, />=1/],
    [{ n: 129 }, 'n', null, /<=128/],
    [{ n: 128, prompt: Array.from({ length: 65 }, () => 'x') }, 'n', null, /8320 choices asked for, at most 8192/],
    [{ seed: 1.5 }, 'seed', null, /64 bits/],
    [{ seed: 'x' }, 'seed', null, /64 bits/],
    [{ max_tokens: -1 }, 'max_tokens', null, />=0/],
    [{ max_tokens: 0 }, 'max_tokens', null, /only of use with "echo"/],
    [{ min_tokens: 5, max_tokens: 4 }, 'min_tokens', null, /more than max_tokens \(4\)/],
    [{ logprobs: 21 }, 'logprobs', null, /<=20/],
    [{ stop: [''] }, 'stop[0]', null, />=1/],
    [{ stop: Array.from({ length: 17 }, () => 'x') }, 'stop', null, /<=16/],
    [{ stop_token_ids: [9999] }, 'stop_token_ids', null, /outside the vocabulary/],
    [{ stream_options: {} }, 'stream_options', null, /only with "stream": true/],
    [{ stream: true, stream_options: { include_usag: true } }, 'stream_options.include_usag', 'unknown_parameter', /unknown field "include_usag"/],
    [{ temprature: 1 }, 'temprature', 'unknown_parameter', /unknown field "temprature"; did you mean temperature\?/],
    [{ wholly_else: 1 }, 'wholly_else', 'unknown_parameter', /unknown field "wholly_else"$/],
    [{ messages: [] }, 'messages', 'unknown_parameter', /unknown field/],
    [{ suffix: 'x' }, 'suffix', 'unsupported_parameter', /suffix is not supported/],
    [{ best_of: 2 }, 'best_of', 'unsupported_parameter', /best_of/],
    [{ use_beam_search: true }, 'use_beam_search', 'unsupported_parameter', /use_beam_search/],
    [{ logit_bias: { 5: 1 } }, 'logit_bias', 'unsupported_parameter', /logit_bias/],
    [{ response_format: { type: 'json_object' } }, 'response_format', 'unsupported_parameter', /response_format/],
    [{ max_tokens: 200 }, null, 'context_length_exceeded', /the prompt has 1 tokens and max_tokens is 200: together they may be 200; .*--max_seq_len/],
    [{ prompt: Array.from({ length: 200 }, () => 5) }, null, 'context_length_exceeded', /has 200 tokens and max_tokens is unset/],
    [{ prompt: Array.from({ length: 65 }, () => 5) }, null, 'context_length_exceeded', /--enable_chunked_prefill.*--max_num_tokens 64/],
  ])('%j', async (fields, param, code, message) => {
    const error = await completion(fields);
    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error', param, code });
    expect(error.message).toMatch(message);
  });

  it('where its text is too long to be worth tokenizing', async () => {
    const error = await completion({ prompt: 'once '.repeat(100_000) });
    expect(error).toMatchObject({ status: 400, code: 'context_length_exceeded' });
    expect(error.message).toMatch(/500000 characters: more than 200 tokens/);
  });

  it('with no more than 100 characters of what it holds', async () => {
    expect((await completion({ ['x'.repeat(10_000)]: 1 })).message.length).toBeLessThan(150);
    expect((await completion({ 'a\n\u001b[31m': 1 })).message).toBe('unknown field "a\\n\\u001b[31m"');
  });
});

describe('a chat request is refused by name', () => {
  it.each<[object, string | null, string | null, RegExp]>([
    [{ messages: undefined }, 'messages', null, /found none/],
    [{ messages: [] }, 'messages', null, />=1/],
    [{ messages: [{ role: 'user', content: 5 }] }, 'messages[0].content', null, /messages\[0\]\.content/],
    [{ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] }, 'messages[0].content[0].type', null, /text/],
    [{ messages: [{ content: 'x' }] }, 'messages[0].role', null, /expected string/],
    [{ tools: [{ type: 'function' }] }, 'tools', 'unsupported_parameter', /tools is not supported/],
    [{ top_logprobs: 2 }, 'top_logprobs', null, /only with "logprobs": true/],
    [{ logprobs: 3 }, 'logprobs', null, /expected boolean/],
    [{ max_tokens: 3, max_completion_tokens: 4 }, 'max_tokens', null, /one field in two spellings/],
    [{ chat_template: 'x' }, 'chat_template', 'unsupported_parameter', /chat_template/],
    [{ prompt: 'x' }, 'prompt', 'unknown_parameter', /unknown field "prompt"/],
  ])('%j', async (fields, param, code, message) => {
    const error = await chat(fields);
    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error', param, code });
    expect(error.message).toMatch(message);
  });
});

describe('fields that cannot change the output', () => {
  it('are taken, whatever they hold', async () => {
    const ignored = { user: 'me', store: true, metadata: { a: 1 }, service_tier: 'auto', best_of: 1, logit_bias: {}, suffix: null, seed: null };
    const response = await served.post('/v1/completions', { prompt: [5], max_tokens: 1, response_format: { type: 'text' }, ...ignored });
    expect(response.status).toBe(200);
  });
});

describe('a body that is no request', () => {
  it.each([['{"a":'], ['[]'], [''], ['"x"'], ['{"model":"parrot","prompt":[5],"temperature":1e999}'], ['{"model":"parrot","prompt":[5],"n":NaN}']])(
    '%j is 400',
    async (body) => {
      expect((await errorOf(await served.post('/v1/completions', body))).status).toBe(400);
    },
  );

  it('of another type or coding is 415', async () => {
    const text = await served.post('/v1/completions', {}, { headers: { 'content-type': 'text/plain' } });
    expect((await errorOf(text)).status).toBe(415);
    const gzip = await served.post('/v1/completions', {}, { headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } });
    expect((await errorOf(gzip)).status).toBe(415);
  });

  it('that is declared too large is 413, before it is read', async () => {
    const response = await new Promise<{ status: number; body: string; connection: string | undefined }>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': String(33 * 1024 * 1024) };
      const request = httpRequest(`${served.server.url}/v1/completions`, { method: 'POST', headers }, (reply) => {
        let body = '';
        reply.on('data', (chunk) => (body += chunk)).on('end', () => resolve({ status: reply.statusCode!, body, connection: reply.headers.connection }));
      });
      request.on('error', reject);
      request.write('{');
    });
    expect(response).toMatchObject({ status: 413, connection: 'close' });
    expect(JSON.parse(response.body).error.code).toBe('body_too_large');
  });
});

describe('paths, methods and models', () => {
  it('that are not there are 404 and 405 with Allow', async () => {
    expect(await errorOf(await served.get('/v1/nothing'))).toMatchObject({ status: 404, type: 'not_found_error' });
    const wrong = await served.get('/v1/completions');
    expect(wrong.headers.get('allow')).toBe('POST');
    expect(await errorOf(wrong)).toMatchObject({ status: 405 });
    expect(await completion({ model: 'gpt-9' })).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
  });

  it('may be named by id, by path and by the last part of it', async () => {
    for (const model of ['parrot', served.engine.engineDirectory, 'engine'])
      expect((await served.completion({ model, prompt: [5], max_tokens: 1 })).model).toBe(model);
    expect(await (await served.get('/v1/models/parrot')).json()).toMatchObject({ id: 'parrot', object: 'model' });
    expect(await errorOf(await served.get('/v1/models/gpt-9'))).toMatchObject({ status: 404, code: 'model_not_found' });
  });
});

describe('what is no HTTP', () => {
  async function raw(bytes: string): Promise<string> {
    const { port } = new URL(served.server.url);
    return new Promise((resolve, reject) => {
      let text = '';
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (chunk) => (text += chunk)).on('close', () => resolve(text)).on('error', reject);
    });
  }

  it('gets 400 and a closed connection', async () => {
    expect(await raw('HELO there\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*Connection: close.*"type":"invalid_request_error"/s);
  });

  it('gets 431 where the headers are too large', async () => {
    expect(await raw(`GET /health HTTP/1.1\r\nhost: x\r\na: ${'b'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  });
});
