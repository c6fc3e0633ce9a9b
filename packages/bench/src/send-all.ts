// Every request of a run, through the client that it has: those of the warm-up first, then those that count. -> records
import type { AgentFleet } from './agents/agent-fleet.js';
import { sendByAgents } from './agents/send-by-agents.js';
import type { BenchOptions } from './bench-options.js';
import { BACKENDS, pathFor } from './client/backends.js';
import type { ClientHealth } from './client/client-health.js';
import { sendByNative } from './client/native/send-by-native.js';
import { requestBody } from './client/request-body.js';
import { recordOf, type CountTokens, type RequestRecord } from './client/request-record.js';
import { sendByNode } from './client/send-by-node.js';
import type { SendJob } from './client/send-job.js';
import type { StreamClient } from './client/stream-client.js';
import { monotonicMs } from './client/timeline.js';
import type { Passage } from './over-saturation.js';
import { isWarmUp } from './plan/warm-up.js';
import type { PlannedRequest } from './plan/workload.js';
import type { ProgressMeter } from './progress.js';
import { StopRules, type Stopped } from './stop-rules.js';

export interface Sending {
  options: BenchOptions;
  model: string;
  /** Those of the warm-up first. */
  conversations: readonly PlannedRequest[][];
  numWarmups: number;
  /** One for each conversation. */
  offsets: Float64Array;
  client: StreamClient;
  /** Where others send. */
  fleet: AgentFleet | undefined;
  progress: ProgressMeter;
  health: ClientHealth;
  countTokens: CountTokens | undefined;
  /** Of each request that counts, as it ends. */
  onRecord: (record: RequestRecord) => void;
  signal: AbortSignal;
}

export interface Sent {
  /** In order of the plan. */
  records: RequestRecord[];
  stopped: Stopped | undefined;
}

export async function sendAll(sending: Sending): Promise<Sent> {
  const { options, conversations, numWarmups, offsets } = sending;
  const records: RequestRecord[] = [];
  const cancelOpen = new AbortController();
  const rules = new StopRules(options, () => cancelOpen.abort());
  const job = jobOf(sending, rules, cancelOpen.signal, records);
  const send = sender(sending, rules);
  // A burst has no load to hand over: its warm-up ends first.
  const isBurst = options.requestRate === Infinity && !job.isClosedLoop;
  const borders = isBurst && numWarmups > 0 ? [0, numWarmups, conversations.length] : [0, conversations.length];
  try {
    for (const [i, to] of borders.slice(1).entries()) await send({ ...job, conversations: conversations.slice(borders[i], to), offsets: offsets.slice(borders[i], to) });
  } finally {
    rules.close();
  }
  return { records: records.sort((a, b) => a.index - b.index), stopped: rules.stopped };
}

function sender({ options, model, client, fleet, health }: Sending, rules: StopRules): (part: SendJob) => Promise<void> {
  if (fleet) {
    return (part) => sendByAgents({ ...part, options, model, fleet, onLost: (text) => rules.lost(text) }, health);
  }
  if (options.client === 'native') return (part) => sendByNative(part, { ...options, executable: options.loadgen! }, health);
  return (part) => sendByNode(part, client, health);
}

function jobOf({ options, model, conversations, numWarmups, offsets, progress, health, countTokens, onRecord, signal }: Sending, rules: StopRules, cancelOpen: AbortSignal, records: RequestRecord[]): SendJob {
  const { endpoint, backend, stream: isStream, maxConcurrency, requestRate } = options;
  const target = { path: pathFor(endpoint, model), form: BACKENDS[backend].reply, isStream };
  const passages = new Map<number, Passage>();
  let isWarmingUp = numWarmups > 0;
  return {
    conversations,
    offsets,
    maxConcurrency,
    isClosedLoop: requestRate === Infinity && maxConcurrency !== undefined,
    // All at once, or behind a limit, a request has to wait for others.
    hasDueTime: (requestRate === Infinity) === (maxConcurrency !== undefined),
    sending: AbortSignal.any([signal, rules.signal]),
    waiting: AbortSignal.any([signal, cancelOpen]),
    onBegin: () => {
      if (numWarmups === 0) rules.start(monotonicMs);
    },
    expect: (request, scheduled) => {
      if (!options.stopOverSaturated || isWarmUp(request) || passages.has(request.index)) return;
      passages.set(request.index, rules.sent(Math.max(scheduled, monotonicMs())));
    },
    postOf: (request, scheduled) => ({ ...target, body: requestBody(options, model, request), scheduled }),
    onStart: (request, at) => {
      if (!isWarmingUp || isWarmUp(request)) return;
      isWarmingUp = false;
      health.restart(at);
      progress.enter('run');
      rules.start(monotonicMs);
    },
    take: (request, exchange) => {
      const record = recordOf(request, exchange, countTokens);
      if (isWarmUp(request)) {
        progress.warmedUp();
        return record;
      }
      progress.ended(record);
      rules.ended(passages.get(request.index), record);
      onRecord(record);
      records.push(record);
      return record;
    },
    onSent: (count) => progress.sent(count),
    onEvents: (count) => progress.tokens(count),
  };
}
