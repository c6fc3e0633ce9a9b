// A whole job through trtllm-loadgen. Single requests go to it ahead of their time, and it keeps their slots; of a conversation each turn
// is written when the one before has ended, so that the slots are kept here.
import type { ClientHealth } from '../client-health.js';
import { holdConversation, type SendOne } from '../conversation.js';
import type { SendJob } from '../send-job.js';
import { sendRequests } from '../send-requests.js';
import { monotonicMs } from '../timeline.js';
import { waitUntil } from '../wait-until.js';
import type { Exchange } from '../stream-client.js';
import { NativeClient, type Answer, type NativeClientOptions } from './native-client.js';

/** Before the first request: connections are opened. */
const START_MS = 50;
/** Of the plan, as far as it is given away before its time. */
const AHEAD_MS = 1000;
const AHEAD_REQUESTS = 4000;
const MAX_FIRST_CONNECTIONS = 4096;

export type NativeTarget = Pick<NativeClientOptions, 'executable' | 'baseUrl' | 'apiKey' | 'timeoutMs' | 'workers'>;

export async function sendByNative(job: SendJob, target: NativeTarget, health: ClientHealth): Promise<void> {
  const hasTurns = job.conversations.some((turns) => turns.length > 1);
  const client = new NativeClient({ ...target, ...loadOf(job, hasTurns), onProgress: totals(job) });
  const watched = watchedBy(job, health);
  health.leaveLoop();
  const listeners: [AbortSignal, () => void][] = [[job.sending, () => client.dropUnsent()], [job.waiting, () => client.cancelAll()]];
  for (const [signal, listener] of listeners) signal.addEventListener('abort', listener);
  try {
    await client.started;
    await (hasTurns ? sendTurns(watched, client) : sendAhead(watched, client));
    const { cpuS } = await client.finish();
    health.helped(cpuS, target.workers);
  } catch (error) {
    client.cancelAll();
    throw error;
  } finally {
    for (const [signal, listener] of listeners) signal.removeEventListener('abort', listener);
  }
}

function loadOf({ conversations, maxConcurrency }: SendJob, hasTurns: boolean): Pick<NativeClientOptions, 'maxConcurrency' | 'connections' | 'spareConnections' | 'flushMs'> {
  const connections = Math.min(maxConcurrency ?? 32, conversations.length, MAX_FIRST_CONNECTIONS);
  return { maxConcurrency: hasTurns ? undefined : maxConcurrency, connections, spareConnections: maxConcurrency === undefined ? 8 : 0, flushMs: hasTurns ? 1 : 10 };
}

/** The same job, with what was sent told: when, and how late. */
function watchedBy(job: SendJob, health: ClientHealth): SendJob {
  const take: SendJob['take'] = (request, exchange) => {
    if (!Number.isNaN(exchange.sent)) job.onStart(request, exchange.sent);
    if (job.hasDueTime && exchange.sent >= exchange.scheduled) health.sent(exchange.sent - exchange.scheduled);
    return job.take(request, exchange);
  };
  return { ...job, take };
}

/** The process tells totals, the job wants what was added. */
function totals(job: SendJob): (numSent: number, numEvents: number) => void {
  const last = { sent: 0, events: 0 };
  return (numSent, numEvents) => {
    job.onSent(numSent - last.sent);
    job.onEvents(numEvents - last.events);
    last.sent = numSent;
    last.events = numEvents;
  };
}

async function sendTurns(job: SendJob, client: NativeClient): Promise<void> {
  const sendOne: SendOne = async (request, due) => {
    const exchange = await client.post(job.postOf(request, due));
    return exchange && job.take(request, exchange);
  };
  await sendRequests(job, (index, scheduled) => holdConversation(job.conversations[index]!, scheduled, sendOne, job.sending), job.sending);
}

async function sendAhead(job: SendJob, client: NativeClient): Promise<void> {
  const start = job.startAt ?? monotonicMs() + START_MS;
  const open = new OpenRequests((job.maxConcurrency ?? Infinity) + AHEAD_REQUESTS);
  for (const [index, offset] of job.offsets.entries()) {
    const due = start + offset;
    // Nothing is awaited that need not be: at tens of thousands of requests a second that would be half the work.
    if (due - monotonicMs() > AHEAD_MS) await waitUntil(due - AHEAD_MS, job.sending);
    if (open.isFull) await open.room();
    if (client.isFull) await client.drained();
    if (job.sending.aborted) break;
    const request = job.conversations[index]![0]!;
    const post = { ...job.postOf(request, due), takesSlot: job.maxConcurrency !== undefined, isDueWithSlot: job.isClosedLoop };
    client.submit(post, open.add((exchange) => job.take(request, exchange)));
  }
  // The process ends by itself once all is sent and read, and answers for what it was not to send any more.
  await Promise.all([client.finish(), open.all()]);
}

/** Requests that were given away and have not come back. */
class OpenRequests {
  #count = 0;
  #failure: unknown;
  #wake: (() => void) | undefined;

  constructor(private readonly limit: number) {}

  add(take: (exchange: Exchange) => unknown): Answer {
    this.#count++;
    return { resolve: (exchange) => this.#end(exchange, take), reject: this.#fail };
  }

  get isFull(): boolean {
    return this.#count >= this.limit || this.#failure !== undefined;
  }

  /** Rejects with the failure of any. */
  room(): Promise<void> {
    return this.#until(() => this.#count < this.limit);
  }

  all(): Promise<void> {
    return this.#until(() => this.#count === 0);
  }

  #end(exchange: Exchange | undefined, take: (exchange: Exchange) => unknown): void {
    this.#count--;
    try {
      if (exchange !== undefined) take(exchange);
    } catch (error) {
      this.#failure ??= error;
    }
    this.#wake?.();
  }

  readonly #fail = (error: unknown): void => {
    this.#count--;
    this.#failure ??= error;
    this.#wake?.();
  };

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo() && this.#failure === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.#failure !== undefined) throw this.#failure;
  }
}
