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

/** Before the first request: connections are opened, what was held is handed out. */
const START_MS = 50;
/** Of bodies that were given away and not answered: so many, and what is due so soon. */
const AHEAD_BYTES = 2 ** 28;
const AHEAD_MS = 1000;
const MAX_FIRST_CONNECTIONS = 4096;

export type NativeTarget = Pick<NativeClientOptions, 'executable' | 'baseUrl' | 'apiKey' | 'headers' | 'timeoutMs' | 'workers' | 'keepCoresAwake'>;

export async function sendByNative(job: SendJob, target: NativeTarget, health: ClientHealth, aheadBytes = AHEAD_BYTES): Promise<void> {
  const hasTurns = job.conversations.some((turns) => turns.length > 1);
  const client = new NativeClient({ ...target, ...loadOf(job, hasTurns), onProgress: totals(job) });
  const watched = watchedBy(job, health);
  health.leaveLoop();
  const listeners: [AbortSignal, () => void][] = [[job.sending, () => client.dropUnsent()], [job.waiting, () => client.cancelAll()]];
  for (const [signal, listener] of listeners) signal.addEventListener('abort', listener);
  try {
    await client.started;
    await (hasTurns ? sendTurns(watched, client) : sendAhead(watched, client, aheadBytes));
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
  client.begin(0);
  job.onBegin();
  const sendOne: SendOne = async (request, due) => {
    job.expect(request, due);
    const exchange = await client.post(job.postOf(request, due));
    return exchange && job.take(request, exchange);
  };
  await sendRequests(job, (index, scheduled) => holdConversation(job.conversations[index]!, scheduled, sendOne, job.sending), job.sending);
}

/** The plan is written before it starts, as far as there is room: who writes while requests are due takes a core from them. */
async function sendAhead(job: SendJob, client: NativeClient, aheadBytes: number): Promise<void> {
  const open = new OpenRequests(aheadBytes, job.maxConcurrency ?? 0);
  const plan = new StartingPlan(job, client);
  if (job.startAt !== undefined) plan.start();
  for (const [index, offset] of job.offsets.entries()) {
    // Nothing is awaited that need not be: at tens of thousands of requests a second that would be half the work.
    if (open.isFull) {
      plan.start();
      // Without a limit whoever is due goes, however many wait for an answer.
      await (job.maxConcurrency === undefined ? waitUntil(plan.dueAt(index) - AHEAD_MS, job.sending) : open.room());
    }
    if (client.isFull) await client.drained();
    if (job.sending.aborted) break;
    const request = job.conversations[index]![0]!;
    const post = { ...job.postOf(request, offset), takesSlot: job.maxConcurrency !== undefined, isDueWithSlot: job.isClosedLoop };
    client.submit(post, open.add(post.body.length, (exchange) => job.take(request, exchange)));
    plan.gave(index);
  }
  if (!job.sending.aborted) plan.start();
  // The process ends by itself once all is sent and read, and answers for what it was not to send any more.
  await Promise.all([client.finish(), open.all()]);
}

/** When the requests of a plan are due is known once it starts. */
class StartingPlan {
  #startAt = Number.NaN;
  #numGiven = 0;

  constructor(
    private readonly job: SendJob,
    private readonly client: NativeClient,
  ) {}

  /** Once; told again, it changes nothing. */
  start(): void {
    if (this.#hasStarted) return;
    this.#startAt = this.job.startAt ?? monotonicMs() + START_MS;
    this.client.begin(this.#startAt);
    this.job.onBegin();
    for (let i = 0; i < this.#numGiven; i++) this.#expect(i);
  }

  gave(index: number): void {
    this.#numGiven = index + 1;
    if (this.#hasStarted) this.#expect(index);
  }

  /** ms of the monotonic clock; NaN before the start. */
  dueAt(index: number): number {
    return this.#startAt + this.job.offsets[index]!;
  }

  get #hasStarted(): boolean {
    return !Number.isNaN(this.#startAt);
  }

  #expect(index: number): void {
    this.job.expect(this.job.conversations[index]![0]!, this.dueAt(index));
  }
}

/** Requests that were given away and have not come back. */
class OpenRequests {
  #count = 0;
  #bytes = 0;
  #failure: unknown;
  #wake: (() => void) | undefined;

  /** Room for so many bytes of bodies, and always for `least` requests. */
  constructor(
    private readonly bytes: number,
    private readonly least: number,
  ) {}

  add(bytes: number, take: (exchange: Exchange) => unknown): Answer {
    this.#count++;
    this.#bytes += bytes;
    return { resolve: (exchange) => this.#end(bytes, exchange, take), reject: this.#fail };
  }

  /** Throws the failure of any. */
  get isFull(): boolean {
    if (this.#failure !== undefined) throw this.#failure;
    return !this.#hasRoom();
  }

  /** Rejects with the failure of any. */
  room(): Promise<void> {
    return this.#until(() => this.#hasRoom());
  }

  #hasRoom(): boolean {
    return this.#bytes < this.bytes || this.#count <= this.least;
  }

  all(): Promise<void> {
    return this.#until(() => this.#count === 0);
  }

  #end(bytes: number, exchange: Exchange | undefined, take: (exchange: Exchange) => unknown): void {
    this.#count--;
    this.#bytes -= bytes;
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
