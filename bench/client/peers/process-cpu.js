// CPU time of a process with all of its descendants, sampled from /proc: a client's own processes may end before it does.
import { readFileSync, readdirSync } from 'node:fs';

const SAMPLE_MS = 50;
/** Samples between two looks for new processes; a process found late still tells all of its time. */
const SAMPLES_A_SEARCH = 10;
/** USER_HZ, which Linux fixes for what it shows in /proc. */
const TICKS_PER_S = 100;

/** Starts sampling; `stop()` gives a function of two CLOCK_MONOTONIC times in ns: CPU seconds between them, linear between samples. */
export function sampleCpu(root) {
  const secondsOf = new Map();
  const samples = [];
  let processes = [root];
  const sample = () => {
    if (samples.length % SAMPLES_A_SEARCH === 0) processes = withDescendants(root);
    for (const id of processes) {
      const fields = statOf(id);
      if (fields !== undefined) secondsOf.set(id, (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S);
    }
    samples.push({ ns: Number(process.hrtime.bigint()), cpuS: [...secondsOf.values()].reduce((a, b) => a + b, 0) });
  };
  sample();
  const timer = setInterval(sample, SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      return (from, to) => cpuAt(samples, to) - cpuAt(samples, from);
    },
  };
}

function cpuAt(samples, ns) {
  const next = samples.findIndex((sample) => sample.ns >= ns);
  if (next <= 0) return samples.at(next).cpuS; // before the first sample, or after the last
  const [a, b] = [samples[next - 1], samples[next]];
  return a.cpuS + ((ns - a.ns) / (b.ns - a.ns)) * (b.cpuS - a.cpuS);
}

/** Fields of /proc/PID/stat after the name, so that [1] is the parent, [11] user and [12] system time; undefined of one that has ended. */
function statOf(id) {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function withDescendants(root) {
  const all = readdirSync('/proc').map(Number).filter(Number.isInteger);
  const parents = new Map(all.map((id) => [id, Number(statOf(id)?.[1])]));
  const found = [root];
  for (let i = 0; i < found.length; i++) found.push(...all.filter((id) => parents.get(id) === found[i]));
  return found;
}
