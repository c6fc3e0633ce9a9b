// The coordinator's end of one agent: is it there and of this version, what does its clock show, and shares to it.
import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { TrtllmError } from '@trtllm/protocol';
import { monotonicMs } from '../client/timeline.js';
import { agentAddress } from './agent-address.js';
import { AgentClock } from './agent-clock.js';
import { AGENT_VERSION, VERSION_HEADER, type ClockReading } from './wire.js';

const FIRST_TRIPS = 16;
const WATCH_MS = 1000;
/** Of several trips the shortest tells most. */
const WATCH_TRIPS = 4;
/** Without a word for so long an agent is lost. */
const SILENCE_MS = 10_000;

export class AgentLink {
  readonly clock = new AgentClock();
  /** Why it is gone. */
  failure: string | undefined;
  readonly #options: RequestOptions;
  readonly #clockConnection = new Agent({ keepAlive: true, maxSockets: 1 });
  #watch: NodeJS.Timeout | undefined;
  #onLost: ((reason: string) => void) | undefined;

  constructor(
    readonly address: string,
    token: string | undefined,
  ) {
    const headers = { [VERSION_HEADER]: AGENT_VERSION, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
    this.#options = { ...agentAddress(address), headers };
  }

  /** Throws by name if it cannot be used. */
  async connect(): Promise<void> {
    await this.#readClock(FIRST_TRIPS);
    this.#watch = setInterval(() => void this.#readClock(WATCH_TRIPS).catch((error: Error) => this.lose(error.message)), WATCH_MS).unref();
  }

  /** A POST that stays open; `onLost` is told if the agent goes away otherwise. */
  openShare(onLost: (reason: string) => void): ClientRequest {
    this.#onLost = onLost;
    if (this.failure !== undefined) onLost(this.failure);
    return httpRequest({ ...this.#options, path: '/share', method: 'POST' });
  }

  /** Refuses by name what is no 200 of an agent of this version. */
  async accept(reply: IncomingMessage): Promise<void> {
    const version = reply.headers[VERSION_HEADER];
    if (version === undefined) throw this.#error('SERVER_UNREACHABLE', `is no \`trtllm bench agent\`: HTTP ${reply.statusCode}`);
    if (reply.statusCode === 200) return;
    const { error } = JSON.parse(await text(reply)) as { error: string };
    throw this.#error(reply.statusCode === 401 ? 'BAD_FLAG' : 'SERVER_UNREACHABLE', error);
  }

  lose(reason: string): void {
    if (this.failure !== undefined) return;
    this.failure = reason.startsWith(this.#name) ? reason : `${this.#name} ${reason}`;
    clearInterval(this.#watch);
    this.#onLost?.(this.failure);
  }

  close(): void {
    clearInterval(this.#watch);
    this.#clockConnection.destroy();
  }

  get #name(): string {
    return `agent ${this.address}`;
  }

  #error(code: 'BAD_FLAG' | 'SERVER_UNREACHABLE', message: string): TrtllmError {
    return new TrtllmError(code, `${this.#name} ${message}`);
  }

  async #readClock(numTrips: number): Promise<void> {
    for (let i = 0; i < numTrips && this.failure === undefined; i++) await this.#roundTrip();
  }

  async #roundTrip(): Promise<void> {
    const signal = AbortSignal.timeout(SILENCE_MS);
    try {
      const question = httpRequest({ ...this.#options, path: '/clock', agent: this.#clockConnection, signal });
      const asked = monotonicMs();
      question.end();
      const [reply] = (await once(question, 'response')) as [IncomingMessage];
      const answered = monotonicMs();
      await this.accept(reply);
      this.clock.add(asked, (JSON.parse(await text(reply)) as ClockReading).now, answered);
    } catch (cause) {
      if (cause instanceof TrtllmError) throw cause;
      const { code, message } = cause as NodeJS.ErrnoException;
      throw this.#error('SERVER_UNREACHABLE', signal.aborted ? `did not answer for ${SILENCE_MS / 1000} s` : `cannot be reached: ${code === 'ABORT_ERR' || !code ? message : code}`);
    }
  }
}
