// One plan for all agents: who sends what, and how much at once. Times stay those of the plan.
import type { SendJob } from '../client/send-job.js';
import type { Conversation } from './wire.js';

export interface Share {
  conversations: Conversation[];
  maxConcurrency: number | undefined;
}

type Load = Pick<SendJob, 'conversations' | 'offsets' | 'maxConcurrency' | 'isClosedLoop'>;

/**
 * Conversation i of the plan goes to agent i mod N; in a closed loop to that of slot i mod --max-concurrency, so that an agent with more
 * slots has more to send. One for each agent; where there are fewer slots than agents, the last ones get nothing.
 */
export function sharesOf({ conversations, offsets, maxConcurrency, isClosedLoop }: Load, numAgents: number): Share[] {
  const busy = Math.min(numAgents, maxConcurrency ?? Infinity);
  const slots = maxConcurrency ?? 0;
  const shares = Array.from({ length: numAgents }, (_, k): Share => ({ conversations: [], maxConcurrency: maxConcurrency && Math.ceil((slots - k) / numAgents) }));
  for (const [i, turns] of conversations.entries()) {
    const place = isClosedLoop ? i % slots : i;
    shares[place % busy]!.conversations.push({ offset: offsets[i]!, turns });
  }
  return shares;
}
