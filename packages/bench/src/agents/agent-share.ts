// One share at one agent: given to it, started, commanded, and what it tells until its end.
import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { TrtllmError } from '@trtllm/protocol';
import type { ClientFacts } from '../client/client-health.js';
import { monotonicMs } from '../client/timeline.js';
import type { AgentLink } from './agent-link.js';
import { jsonLines, writeLine, writeLineAndWait } from './json-lines.js';
import type { Share } from './share-plan.js';
import type { AgentLine, Assignment, Command } from './wire.js';
import type { WireExchange } from './wire-exchange.js';

export interface ShareHooks {
  onExchange: (index: number, exchange: WireExchange) => void;
  onProgress: (sent: number, events: number) => void;
}

export class AgentShare {
  /** The agent has all of it. Rejects by name. */
  readonly ready: Promise<void>;
  /** What the agent says of itself at the end; undefined: it was lost, see its link's `failure`. */
  readonly ended: Promise<ClientFacts | undefined>;
  readonly #post: ClientRequest;
  readonly #accepted: Promise<void>;
  #isOver = false;
  #isAccepted: () => void = () => {};
  #isReady: () => void = () => {};
  #end: (facts: ClientFacts | undefined) => void = () => {};
  #fail: (error: Error) => void = () => {};

  constructor(
    readonly link: AgentLink,
    readonly share: Share,
    private readonly hooks: ShareHooks,
  ) {
    this.ready = new Promise((resolve, reject) => [this.#isReady, this.#fail] = [resolve, reject]);
    this.#accepted = new Promise((resolve) => (this.#isAccepted = resolve));
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.ready.catch(() => {}); // whoever waits for it hears of it
    this.#post = link.openShare((reason) => this.#lost(new TrtllmError('SERVER_UNREACHABLE', reason)));
    this.#post.on('error', (error: NodeJS.ErrnoException) => this.#isOver || link.lose(`is gone: ${error.code ?? error.message}`));
    this.#post.on('response', (reply: IncomingMessage) => void this.#read(reply).catch((error: Error) => this.#lost(error)));
  }

  /** Ends early, without an end, where `signal` says so. */
  async give(assignment: Assignment, signal: AbortSignal): Promise<void> {
    await writeLineAndWait(this.#post, assignment);
    // A refusal comes before the bulk of the plan, not in the midst of it.
    await Promise.race([this.#accepted, this.ready, aborted(signal)]);
    for (const conversation of this.share.conversations) {
      if (signal.aborted || this.link.failure !== undefined) break;
      await writeLineAndWait(this.#post, conversation);
    }
    await Promise.race([this.ready, aborted(signal)]);
  }

  tell(command: Command): void {
    if (!this.#post.destroyed) writeLine(this.#post, command);
  }

  /** The agent's clock at a moment of ours. */
  start(at: number): void {
    this.tell({ kind: 'start', at: at - this.link.clock.at(monotonicMs()).shift });
  }

  close(): void {
    this.#isOver = true;
    this.#post.destroy();
  }

  async #read(reply: IncomingMessage): Promise<void> {
    await this.link.accept(reply);
    this.#isAccepted();
    try {
      for await (const line of jsonLines(reply)) if (this.#take(line as AgentLine)) return;
      this.link.lose('ended before its share did');
    } catch (error) {
      this.link.lose(`is gone: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`);
    }
  }

  /** True: that was the last one. */
  #take(line: AgentLine): boolean {
    if (line.kind === 'exchange') this.hooks.onExchange(line.index, line.exchange);
    else if (line.kind === 'progress') this.hooks.onProgress(line.sent, line.events);
    else if (line.kind === 'ready') this.#isReady();
    else if (line.kind === 'error') this.link.lose(`failed: ${line.message}`);
    else this.#finish(line.client);
    return line.kind === 'end' || line.kind === 'error';
  }

  #finish(facts: ClientFacts): void {
    this.#isOver = true;
    this.#post.end();
    this.#end(facts);
  }

  #lost(error: Error): void {
    this.#fail(error);
    this.#end(undefined);
    this.#post.destroy();
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
