// What a coordinator and its agents tell each other. One POST a part of a run, open both ways: first the share of the plan, then commands
// go to the agent; exchanges come back as they end. A line of JSON each (json-lines.ts).
import { VERSION } from '@trtllm/protocol';
import { z } from 'zod';
import { BACKEND_NAMES } from '../client/backends.js';
import type { ClientFacts } from '../client/client-health.js';
import type { PlannedRequest } from '../plan/workload.js';
import type { WireExchange } from './wire-exchange.js';

/** Both sides make bodies and read replies, so they must be the same build; the number behind the slash rises with these lines. */
export const AGENT_VERSION = `${VERSION}/3`;

/** In every request and every reply: who speaks. No page in a browser may set it for another origin. */
export const VERSION_HEADER = 'x-trtllm-bench-agent';

const finite = z.number();

/** The first line: what is asked, of whom, how much at once. */
export const Assignment = z.object({
  model: z.string(),
  target: z.object({
    baseUrl: z.url({ protocol: /^https?$/ }),
    endpoint: z.string().startsWith('/'),
    backend: z.enum(BACKEND_NAMES),
    apiKey: z.string().optional(),
    headers: z.record(z.string(), z.string()),
    stream: z.boolean(),
    ignoreEos: z.boolean(),
    sampling: z.record(z.string(), finite),
    extraBody: z.record(z.string(), z.unknown()),
    timeoutMs: finite.positive(),
  }),
  maxConcurrency: z.int().positive().optional(),
  isClosedLoop: z.boolean(),
  hasDueTime: z.boolean(),
  /** Lines that follow, one each. */
  numConversations: z.int().nonnegative(),
});
export type Assignment = z.infer<typeof Assignment>;

const Request = z.looseObject({ index: z.int(), prompt: z.union([z.string(), z.array(z.unknown())]), inputTokens: finite, outputTokens: finite });

/** `offset`: ms from the start. */
export const Conversation = z.object({ offset: finite, turns: z.array(Request).min(1) });
export interface Conversation {
  offset: number;
  turns: readonly PlannedRequest[];
}

/** start: `at` ms of the agent's clock; drop: send no more; cancel: nor wait for what is open. */
export const Command = z.discriminatedUnion('kind', [z.object({ kind: z.literal('start'), at: finite }), z.object({ kind: z.literal('drop') }), z.object({ kind: z.literal('cancel') })]);
export type Command = z.infer<typeof Command>;

export type AgentLine =
  /** The whole share is here. */
  | { kind: 'ready' }
  /** Since the last one. */
  | { kind: 'progress'; sent: number; events: number }
  | { kind: 'exchange'; index: number; exchange: WireExchange }
  | { kind: 'end'; client: ClientFacts }
  | { kind: 'error'; message: string };

/** ms of the agent's monotonic clock. */
export interface ClockReading {
  now: number;
}
