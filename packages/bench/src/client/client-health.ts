// How well the client itself was: its CPU, how late its event loop ran, how late it sent, whether the clocks agree.
import { monotonicMs } from './timeline.js';

export interface ClientFacts {
  /** CPU seconds of this process, and of the native client, while requests were open. */
  cpuS: number;
  /** Cores that the client can keep busy; absent: one. */
  cores?: number | undefined;
  /** ms that something arriving at a moment had to wait for the event loop; moments PERIOD_MS apart. None where nothing arrives there. */
  loopLags: number[];
  /** ms from the time a request was due to the time it was handed on, connecting not counted; none where it may wait for a slot. */
  sendLags: number[];
  /** ms that the wall clock went beyond the monotonic one. */
  wallDrift: number;
  /** Who sent, where it was agents: each of its machine. */
  agents?: AgentFacts[];
}

export interface AgentFacts extends ClientFacts {
  address: string;
}

const PERIOD_MS = 10;

export class ClientHealth {
  readonly #born = monotonicMs();
  /** ms; where what is said here begins. */
  since = this.#born;
  #facts: ClientFacts = { cpuS: 0, loopLags: [], sendLags: [], wallDrift: 0 };
  #helper: { cpuS: number; cores: number; loopLags: number[] } | undefined;
  #agents: AgentFacts[] = [];
  #cpu = process.cpuUsage();
  readonly #wallAhead = Date.now() - monotonicMs();
  #due = this.since + PERIOD_MS;
  readonly #timer = setInterval(() => this.#tick(), PERIOD_MS).unref();

  /** Forgets what was: the warm-up is over, the first request that counts went out at `at`. */
  restart(at: number): void {
    this.since = at;
    this.#facts = { cpuS: 0, loopLags: [], sendLags: [], wallDrift: 0 };
    this.#agents = [];
    this.#cpu = process.cpuUsage();
  }

  sent(lag: number): void {
    this.#facts.sendLags.push(lag);
  }

  /** A native client sends and stamps: this process's event loop is in nobody's way, and is not woken to be watched. */
  leaveLoop(): void {
    this.close();
    this.#due = Infinity;
  }

  /** What a native client cost. Of its CPU time a warm-up has the share that it has of the time. */
  helped(cpuS: number, workers: number): void {
    const now = monotonicMs();
    const counted = (cpuS * (now - this.since)) / (now - this.#born);
    this.#helper = { cpuS: (this.#helper?.cpuS ?? 0) + counted, cores: 1 + workers, loopLags: [] };
  }

  /** Agents sent and stamped; what they say of themselves begins, too, where a warm-up ended. */
  joined(agents: readonly AgentFacts[]): void {
    this.#agents.push(...agents);
  }

  end(): ClientFacts {
    this.#tick();
    this.close();
    const { user, system } = process.cpuUsage(this.#cpu);
    const wallDrift = Date.now() - monotonicMs() - this.#wallAhead;
    const own = { ...this.#facts, ...this.#helper, cpuS: (user + system) / 1e6 + (this.#helper?.cpuS ?? 0), wallDrift };
    return this.#agents.length === 0 ? own : withAgents(own, this.#agents);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** A loop that stood for long missed several moments: each would have waited until now. */
  #tick(): void {
    const now = monotonicMs();
    for (; this.#due < now; this.#due += PERIOD_MS) this.#facts.loopLags.push(now - this.#due);
    this.#due = now + PERIOD_MS;
  }
}

/** The coordinator reads what agents tell it; nothing is late because of that. */
function withAgents({ cpuS, wallDrift }: ClientFacts, agents: AgentFacts[]): ClientFacts {
  const sum = (value: (facts: AgentFacts) => number): number => agents.reduce((total, facts) => total + value(facts), 0);
  return { cpuS: cpuS + sum((facts) => facts.cpuS), cores: 1 + sum(({ cores = 1 }) => cores), loopLags: [], sendLags: [], wallDrift, agents };
}
