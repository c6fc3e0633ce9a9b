// The turns of one conversation, each some time after the one before ended, with what was answered in its history. The conversation
// keeps its slot while it waits, as a user would keep a session.
import { waitUntil } from './wait-until.js';
import type { RequestRecord } from './request-record.js';
import type { ChatMessage, PlannedRequest } from '../plan/workload.js';

/** Sends one request that was due at `scheduled`, ms of the monotonic clock. Undefined: cancelled before it went. */
export type SendOne = (request: PlannedRequest, scheduled: number) => Promise<RequestRecord | undefined>;

/** Ends early after a turn that failed: nobody knows what would have been answered. */
export async function holdConversation(turns: readonly PlannedRequest[], scheduled: number, send: SendOne, signal: AbortSignal): Promise<void> {
  const history: ChatMessage[] = [];
  let due = scheduled;
  for (const [i, turn] of turns.entries()) {
    if (i > 0) {
      due += turn.delayMs ?? 0;
      await waitUntil(due, signal);
      if (signal.aborted) return;
    }
    const messages = messagesOf(turn.prompt);
    const record = await send(i === 0 ? turn : { ...turn, prompt: [...history, ...messages] }, due);
    if (record?.outcome !== 'ok') return;
    history.push(...messages, { role: 'assistant', content: turn.answer ?? record.text });
    due = record.timeline.done;
  }
}

/** Of a chat request. Only conversations of one turn have ids. */
export function messagesOf(prompt: PlannedRequest['prompt']): ChatMessage[] {
  return isMessages(prompt) ? prompt : [{ role: 'user', content: prompt }];
}

function isMessages(prompt: PlannedRequest['prompt']): prompt is ChatMessage[] {
  return typeof prompt[0] === 'object';
}
