// A whole job through agents on other machines: one plan, dealt out; what they send back is taken as if it had been sent from here.
import type { BenchOptions } from '../bench-options.js';
import { BACKENDS } from '../client/backends.js';
import type { AgentFacts, ClientHealth } from '../client/client-health.js';
import { ReplyReader } from '../client/reply-reader.js';
import type { SendJob } from '../client/send-job.js';
import { monotonicMs } from '../client/timeline.js';
import { waitUntil } from '../client/wait-until.js';
import type { PlannedRequest } from '../plan/workload.js';
import type { AgentFleet } from './agent-fleet.js';
import type { AgentLink } from './agent-link.js';
import { AgentShare } from './agent-share.js';
import { OpenShare } from './open-share.js';
import { sharesOf, type Share } from './share-plan.js';
import { exchangeOfWire } from './wire-exchange.js';
import type { Assignment } from './wire.js';

/** From the word to start until then: all agents have heard it. */
const HEAD_START_MS = 500;

export interface AgentJob extends SendJob {
  options: BenchOptions;
  model: string;
  fleet: AgentFleet;
  /** An agent is gone, and with it a part of the load. */
  onLost: (text: string) => void;
}

export async function sendByAgents(job: AgentJob, health: ClientHealth): Promise<void> {
  const shares = sharesOf(job, job.fleet.links.length);
  const parts = job.fleet.links.flatMap((link, k) => (shares[k]!.conversations.length > 0 ? [new Part(job, link, shares[k]!)] : []));
  const tellAll = (kind: 'drop' | 'cancel') => (): void => parts.forEach(({ remote }) => remote.tell({ kind }));
  const listeners: [AbortSignal, () => void][] = [[job.sending, tellAll('drop')], [job.waiting, tellAll('cancel')]];
  try {
    await Promise.all(parts.map(({ remote, share }) => remote.give(assignmentOf(job, share), job.sending)));
    if (job.sending.aborted) return;
    for (const [signal, listener] of listeners) signal.addEventListener('abort', listener);
    const startAt = monotonicMs() + HEAD_START_MS;
    for (const part of parts) part.start(startAt);
    void waitUntil(startAt, job.sending).then(() => job.onBegin());
    const facts = await Promise.all(parts.map((part) => part.ended()));
    health.joined(facts.filter((told) => told !== undefined));
  } finally {
    for (const [signal, listener] of listeners) signal.removeEventListener('abort', listener);
    for (const { remote } of parts) remote.close();
  }
}

function assignmentOf({ options, model, isClosedLoop, hasDueTime }: AgentJob, { conversations, maxConcurrency }: Share): Assignment {
  const { baseUrl, endpoint, backend, apiKey, headers, stream, ignoreEos, sampling, extraBody, timeoutMs } = options;
  return { model, target: { baseUrl, endpoint, backend, apiKey, headers: { ...headers }, stream, ignoreEos, sampling: { ...sampling }, extraBody: { ...extraBody }, timeoutMs }, maxConcurrency, isClosedLoop, hasDueTime, numConversations: conversations.length };
}

/** One agent's part of the job. */
class Part {
  readonly remote: AgentShare;
  readonly #open: OpenShare;
  #startAt = Infinity;

  constructor(
    private readonly job: AgentJob,
    private readonly link: AgentLink,
    readonly share: Share,
  ) {
    this.#open = new OpenShare(share);
    const { reply: form } = BACKENDS[job.options.backend];
    this.remote = new AgentShare(link, share, {
      onExchange: (index, exchange) => this.#take(this.#open.answered(index), exchangeOfWire(exchange, form, job.fleet.shiftOf(link))),
      onProgress: (sent, events) => (job.onSent(sent), job.onEvents(events)),
    });
  }

  start(at: number): void {
    this.#startAt = at;
    for (const { offset, turns } of this.job.isClosedLoop ? [] : this.share.conversations) this.job.expect(turns[0]!, at + offset);
    this.remote.start(at);
  }

  /** What the agent says of itself. Of one that was lost, the requests under way have failed. */
  async ended(): Promise<AgentFacts | undefined> {
    const facts = await this.remote.ended;
    if (facts !== undefined) return { ...facts, address: this.link.address };
    const reason = this.link.failure!;
    const wasCancelled = this.job.waiting.aborted;
    const now = monotonicMs();
    this.job.onLost(reason);
    for (const { request, due } of this.#open.underWay(this.#startAt, now)) {
      const reply = new ReplyReader();
      reply.failure = { outcome: wasCancelled ? 'cancelled' : 'connect', reason };
      this.#take(request, { scheduled: due, sent: Number.NaN, ended: now, isStream: this.job.options.stream, reply });
    }
    return undefined;
  }

  #take(request: PlannedRequest, exchange: Parameters<SendJob['take']>[1]): void {
    this.job.expect(request, exchange.scheduled);
    if (!Number.isNaN(exchange.sent)) this.job.onStart(request, exchange.sent);
    this.#open.took(request, this.job.take(request, exchange));
  }
}
