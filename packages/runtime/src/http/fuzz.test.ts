// Requests that are nearly right: whatever is wrong with them is the client's to mend, never a 5xx, and the server goes on.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveFake, type Served } from '../testing/serve-fake.js';
import { chatSchema } from './chat-request.js';
import { completionSchema } from './completion-request.js';
import { IGNORED_FIELDS, UNSUPPORTED_FIELDS } from './fields.js';

const RUNS = 400;

let served: Served;
beforeAll(async () => {
  served = await serveFake({ ready: { max_queue_size: 1000 } });
});
afterAll(() => served.close());

const ids = fc.array(fc.integer({ min: -1, max: 513 }), { maxLength: 8 });
const text = fc.string({ unit: 'binary', maxLength: 12 });
const odd = fc.oneof(
  fc.constantFrom(null, true, false, 0, -1, 1, 0.5, 2, 1e300, 2 ** 53, '', 'x', '\ud800', '__proto__', [], {}, [[]], [{}]),
  ids,
  text,
  fc.jsonValue({ maxDepth: 3 }),
);
const message = fc.oneof(fc.record({ role: fc.oneof(text, fc.constant('user')), content: fc.oneof(text, odd) }), odd);

function requests(schema: { shape: object }, valid: Record<string, fc.Arbitrary<unknown>>) {
  const names = [...Object.keys(schema.shape), ...IGNORED_FIELDS, ...Object.keys(UNSUPPORTED_FIELDS), '__proto__', 'constructor', 'promt'];
  const mutations = fc.array(fc.tuple(fc.constantFrom(...names), odd), { maxLength: 3 });
  return fc.record({ base: fc.record(valid, { requiredKeys: ['model'] }), mutations }).map(({ base, mutations }) => {
    const text = [...Object.entries({ max_tokens: 3, ...base }), ...mutations].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
    return `{${text.join(',')}}`;
  });
}

const model = fc.constant('parrot');
const cases: [path: string, bodies: fc.Arbitrary<string>][] = [
  ['/v1/completions', requests(completionSchema, { model, prompt: fc.oneof(text, ids, fc.array(ids), fc.array(text)) })],
  ['/v1/chat/completions', requests(chatSchema, { model, messages: fc.array(message, { maxLength: 3 }) })],
];

it.each(cases)('%s answers every near-request with 2xx or 4xx', async (path, bodies) => {
  await fc.assert(
    fc.asyncProperty(bodies, async (body) => {
      const response = await served.post(path, body);
      const reply = await response.text();
      expect(response.status, `${body} -> ${reply}`).toBeLessThan(500);
      if (response.status >= 400) expect(Object.keys(JSON.parse(reply).error), body).toEqual(['message', 'type', 'param', 'code']);
    }),
    { numRuns: RUNS },
  );
  expect((await served.get('/health')).status).toBe(200);
});

it('bytes that are no JSON at all are 400', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
      const response = await fetch(`${served.server.url}/v1/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: bytes,
      });
      expect(response.status).toBe(400);
    }),
  );
});
