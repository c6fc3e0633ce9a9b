// The client was late: what it stamped is its own delay as well as the server's.
import type { ClientFacts } from '../client/client-health.js';
import { durationMs } from '../report/throughput.js';
import { percentileOf } from '../statistics/distribution.js';
import { completedOf, medianOf, waitOf, type Evidence } from './evidence.js';
import { ms, type Finding } from './finding.js';

const BUSY_CPU = 0.9;
// Timers have a grain of 1 ms, and so has what is made of them.
const LEAST_MS = 2;
const SHARE_OF_WAIT = 0.05;
const LATE_SHARE = 0.01;

export function clientStarved(evidence: Evidence): Finding | undefined {
  const { client, clientCpu } = evidence;
  const wait = medianOf(completedOf(evidence).map(waitOf)) ?? 0;
  const limit = Math.max(LEAST_MS, SHARE_OF_WAIT * wait);
  const told = (name: string, lags: readonly number[]): string[] => {
    if (!isOftenAbove(lags, limit)) return [];
    const p99 = percentileOf(Float64Array.from(lags).sort(), 99).value;
    return [`${name} p99 ${ms(p99)}${wait > 0 ? `, ${((100 * p99) / wait).toFixed(0)} % of the median TTFT` : ''}`];
  };
  const signsOf = ({ sendLags, loopLags, cores = 1 }: ClientFacts, cpu: number): string[] => {
    const isBusy = cpu > BUSY_CPU * cores;
    return [...told('send lag', sendLags), ...told('event loop late', loopLags), ...(isBusy ? [`${(100 * cpu).toFixed(0)} % of a core used`] : [])];
  };
  const durationS = durationMs(evidence.records) / 1000;
  const signs = client.agents
    ? client.agents.flatMap((agent) => signsOf(agent, durationS > 0 ? agent.cpuS / durationS : 0).map((sign) => `agent ${agent.address}: ${sign}`))
    : signsOf(client, clientCpu);
  if (signs.length === 0) return undefined;
  return { fault: 'client-starved', evidence: signs.join('; '), mend: 'give the client a core of its own or another machine, or ask for less load' };
}

/** More than one in a hundred, by more than chance gives: three standard deviations of the count. */
function isOftenAbove(lags: readonly number[], limit: number): boolean {
  const expected = LATE_SHARE * lags.length;
  return lags.filter((lag) => lag > limit).length > expected + 3 * Math.sqrt(expected);
}
