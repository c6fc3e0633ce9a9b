// An agent's share as it comes in. What is none is refused by REQUEST_INVALID.
import type { z } from 'zod';
import { TrtllmError } from '@trtllm/protocol';
import { Assignment, Conversation } from './wire.js';

export async function readShare(lines: AsyncGenerator<unknown>): Promise<{ assignment: Assignment; conversations: Conversation[] }> {
  const assignment = checked(Assignment, await nextLine(lines));
  const conversations: Conversation[] = [];
  while (conversations.length < assignment.numConversations) conversations.push(checked(Conversation, await nextLine(lines)) as Conversation);
  return { assignment, conversations };
}

async function nextLine(lines: AsyncGenerator<unknown>): Promise<unknown> {
  const line = await lines.next().catch((cause: Error) => {
    throw new TrtllmError('REQUEST_INVALID', `expected lines of JSON: ${cause.message}`, { cause });
  });
  if (line.done) throw new TrtllmError('REQUEST_INVALID', 'the share ended before it was whole');
  return line.value;
}

export function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  throw new TrtllmError('REQUEST_INVALID', `${issue?.path.join('.')}: ${issue?.message}`);
}
