// host:port of an agent, as --agents has it.
import { refuse } from '../check-option.js';

export interface AgentAddress {
  host: string;
  port: number;
}

/** An IPv6 address stands in brackets. */
export function agentAddress(text: string): AgentAddress {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) < 1 || Number(port) > 65535) refuse('agents', 'host:port,host:port', text);
  return { host, port: Number(port) };
}

export function checkAgents(agents: readonly string[]): void {
  if (agents.length === 0) refuse('agents', 'host:port,host:port', '(nothing)');
  for (const [i, text] of agents.entries()) {
    agentAddress(text);
    if (agents.indexOf(text) !== i) refuse('agents', 'every agent once', text);
  }
}

export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host);
}
