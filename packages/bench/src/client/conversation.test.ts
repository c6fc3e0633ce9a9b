import { expect, test } from 'vitest';
import type { PlannedRequest } from '../plan/workload.js';
import { holdConversation, type SendOne } from './conversation.js';
import type { RequestRecord } from './request-record.js';
import { monotonicMs } from './timeline.js';

const turn = (index: number, more: Partial<PlannedRequest> = {}): PlannedRequest => ({ index, turn: index, prompt: `question ${index}`, inputTokens: 1, outputTokens: 1, ...more });
const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });

function answering(outcome: (index: number) => RequestRecord['outcome'] = () => 'ok') {
  const sent: { prompt: unknown; scheduled: number; at: number; done: number }[] = [];
  const send: SendOne = async ({ index, prompt }, scheduled) => {
    const at = monotonicMs();
    const done = at + 3;
    await new Promise((resolve) => setTimeout(resolve, 4));
    sent.push({ prompt, scheduled, at, done });
    return { outcome: outcome(index), text: `answer ${index}`, timeline: { done } } as RequestRecord;
  };
  return { sent, send };
}
const never = new AbortController().signal;

test('each turn is sent with everything that was asked and really answered before', async () => {
  const { sent, send } = answering();
  await holdConversation([turn(0, { prompt: [{ role: 'system', content: 's' }, user('question 0')] }), turn(1), turn(2)], 0, send, never);
  const first = [{ role: 'system', content: 's' }, user('question 0')];
  const second = [...first, assistant('answer 0'), user('question 1')];
  expect(sent.map(({ prompt }) => prompt)).toEqual([first, second, [...second, assistant('answer 1'), user('question 2')]]);
});

test('a recorded answer stands in the history in place of the real one', async () => {
  const { sent, send } = answering();
  await holdConversation([turn(0, { answer: 'recorded' }), turn(1)], 0, send, never);
  expect(sent[1]!.prompt).toEqual([user('question 0'), assistant('recorded'), user('question 1')]);
});

test('a turn is due its delay after the one before ended, and not sent earlier', async () => {
  const { sent, send } = answering();
  await holdConversation([turn(0), turn(1, { delayMs: 30 }), turn(2)], 17, send, never);
  expect(sent[0]!.scheduled).toBe(17);
  expect(sent[1]!.scheduled).toBe(sent[0]!.done + 30);
  expect(sent[1]!.at).toBeGreaterThanOrEqual(sent[1]!.scheduled);
  expect(sent[2]!.scheduled).toBe(sent[1]!.done);
});

test('after a turn that failed no other is sent', async () => {
  const { sent, send } = answering((index) => (index === 1 ? 'http' : 'ok'));
  await holdConversation([turn(0), turn(1), turn(2)], 0, send, never);
  expect(sent).toHaveLength(2);
});

test('an abort ends the wait for the next turn', async () => {
  const { sent, send } = answering();
  const abort = new AbortController();
  const held = holdConversation([turn(0), turn(1, { delayMs: 60_000 })], 0, async (...request) => send(...request).finally(() => setImmediate(() => abort.abort())), abort.signal);
  await held;
  expect(sent).toHaveLength(1);
});

test('a request outside conversations is sent as it is', async () => {
  const { sent, send } = answering();
  await holdConversation([{ index: 0, prompt: [1, 2], inputTokens: 2, outputTokens: 1 }], 0, send, never);
  expect(sent[0]!.prompt).toEqual([1, 2]);
});
