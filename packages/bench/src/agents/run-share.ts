// An agent's part of a run: the share comes in, waits for the word to start, is sent by the client of this machine, and every exchange
// goes back as it ends.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TrtllmError } from '@trtllm/protocol';
import { BACKENDS, pathFor } from '../client/backends.js';
import { ClientHealth } from '../client/client-health.js';
import { sendByNative } from '../client/native/send-by-native.js';
import { requestBody } from '../client/request-body.js';
import { recordOf } from '../client/request-record.js';
import { sendByNode } from '../client/send-by-node.js';
import type { SendJob } from '../client/send-job.js';
import { StreamClient } from '../client/stream-client.js';
import { isWarmUp } from '../plan/warm-up.js';
import { jsonLines, writeLine } from './json-lines.js';
import { checked, readShare } from './read-share.js';
import { ShareProgress } from './share-progress.js';
import { wireExchange } from './wire-exchange.js';
import { Command, type AgentLine, type Assignment, type Conversation } from './wire.js';

/** How this machine sends. */
export interface Sender {
  client: 'native' | 'node';
  /** Path of trtllm-loadgen. */
  loadgen?: string | undefined;
  workers: number;
  keepCoresAwake: boolean;
}

export class ShareRun {
  readonly #sending = new AbortController();
  readonly #waiting = new AbortController();
  /** The share is all here. */
  #isWhole = false;
  #isStopped = false;
  readonly #start: Promise<number>;
  #startAt: (at: number) => void = () => {};

  constructor(
    private readonly sender: Sender,
    private readonly request: IncomingMessage,
    private readonly reply: ServerResponse,
  ) {
    this.#start = new Promise((resolve) => (this.#startAt = resolve));
  }

  /** This machine ends it: what is open goes to the coordinator as lost. */
  stop(): void {
    this.#isStopped = true;
    this.cancel();
    if (!this.#isWhole) this.request.destroy();
  }

  /** Nothing more is sent, nor waited for. */
  cancel(): void {
    this.#sending.abort();
    this.#waiting.abort();
    this.#startAt(performance.now());
  }

  /** Resolves when all is told. What is no share is refused by REQUEST_INVALID. */
  async run(): Promise<void> {
    const lines = jsonLines(this.request);
    const { assignment, conversations } = await readShare(lines);
    this.#isWhole = true;
    this.#tell({ kind: 'ready' });
    void this.#obey(lines).catch(() => this.cancel());
    const startAt = await this.#start;
    const health = new ClientHealth();
    const progress = new ShareProgress((line) => this.#tell(line));
    const job = { ...this.#jobOf(assignment, conversations, health), startAt, ...progress.hooks };
    await this.#send(job, assignment, health).finally(() => (progress.stop(), health.close()));
    if (this.#isStopped) throw new TrtllmError('SHUTTING_DOWN', 'it was stopped, or heard nothing of its coordinator');
    this.#tell({ kind: 'end', client: health.end() });
  }

  async #obey(lines: AsyncGenerator<unknown>): Promise<void> {
    for await (const line of lines) {
      const command = checked(Command, line);
      if (command.kind === 'start') this.#startAt(command.at);
      else if (command.kind === 'cancel') this.cancel();
      else this.#sending.abort();
    }
  }

  async #send(job: SendJob, { target }: Assignment, health: ClientHealth): Promise<void> {
    const { client, loadgen, workers, keepCoresAwake } = this.sender;
    if (client === 'native' && target.baseUrl.startsWith('http:')) return sendByNative(job, { ...target, executable: loadgen!, workers, keepCoresAwake }, health);
    const node = new StreamClient(target);
    await sendByNode(job, node, health).finally(() => node.close());
  }

  #jobOf({ target, model, maxConcurrency, isClosedLoop, hasDueTime }: Assignment, shared: readonly Conversation[], health: ClientHealth): Omit<SendJob, 'onSent' | 'onEvents'> {
    const asked = { path: pathFor(target.endpoint, model), form: BACKENDS[target.backend].reply, isStream: target.stream };
    let isWarmingUp = shared.some(({ turns: [first] }) => isWarmUp(first!));
    return {
      conversations: shared.map(({ turns }) => [...turns]),
      offsets: Float64Array.from(shared, ({ offset }) => offset),
      maxConcurrency,
      isClosedLoop,
      hasDueTime,
      sending: this.#sending.signal,
      waiting: this.#waiting.signal,
      postOf: (request, scheduled) => ({ ...asked, body: requestBody(target, model, request), scheduled }),
      expect: () => {},
      onBegin: () => {},
      onStart: (request, at) => {
        if (!isWarmingUp || isWarmUp(request)) return;
        isWarmingUp = false;
        health.restart(at);
      },
      take: (request, exchange) => {
        if (!this.#isStopped) this.#tell({ kind: 'exchange', index: request.index, exchange: wireExchange(exchange) });
        return recordOf(request, exchange);
      },
    };
  }

  #tell(line: AgentLine): void {
    if (!this.reply.destroyed) writeLine(this.reply, line);
  }
}
