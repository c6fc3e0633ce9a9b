// All agents of a run, for as long as it lasts: found at its start, watched, and what is to be said of their clocks.
import { monotonicMs } from '../client/timeline.js';
import type { Note } from '../report/bench-report.js';
import { agentAddress, isLoopback } from './agent-address.js';
import { AgentLink } from './agent-link.js';

export class AgentFleet {
  readonly links: readonly AgentLink[];
  /** ms that merged times were off at most, by agent. */
  readonly #uncertainty = new Map<string, number>();

  private constructor(
    agents: readonly string[],
    token: string | undefined,
    private readonly baseUrl: string,
  ) {
    this.links = agents.map((address) => new AgentLink(address, token));
  }

  /** Throws by name if one of them cannot be used. */
  static async connect({ agents, agentToken, baseUrl }: { agents: readonly string[]; agentToken?: string | undefined; baseUrl: string }): Promise<AgentFleet> {
    const fleet = new AgentFleet(agents, agentToken, baseUrl);
    try {
      await Promise.all(fleet.links.map((link) => link.connect()));
    } catch (error) {
      fleet.close();
      throw error;
    }
    return fleet;
  }

  /** ms from the agent's clock to ours, as it is now. */
  shiftOf({ address, clock }: AgentLink): number {
    const { shift, uncertainty } = clock.at(monotonicMs());
    this.#uncertainty.set(address, Math.max(uncertainty, this.#uncertainty.get(address) ?? 0));
    return shift;
  }

  notes(): Note[] {
    const clocks = [...this.#uncertainty].map(([address, ms]) => `${address} ±${ms.toFixed(3)} ms`);
    const text = `sent by ${this.links.length} agents; each request has the times of one machine's clock, and those clocks are laid over each other (${clocks.join(', ')}), which throughput and concurrency rest on`;
    const others = this.links.filter(({ address }) => !isLoopback(agentAddress(address).host)).map(({ address }) => address);
    const own = `--base-url ${this.baseUrl} is another machine at each agent: ${others.join(', ')} sent to their own; give the address that all reach`;
    return [{ code: 'agents', text }, ...(others.length > 0 && isLoopback(new URL(this.baseUrl).hostname) ? [{ code: 'agents-loopback', text: own }] : [])];
  }

  close(): void {
    for (const link of this.links) link.close();
  }
}
