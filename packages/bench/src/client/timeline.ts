// When things happened in one request, and the latencies that follow. Milliseconds of the monotonic clock.

export interface Timeline {
  /** When the plan wanted it sent; in a closed loop, when its slot came free. */
  scheduled: number;
  /** Just before the first byte went out on a ready connection; NaN: never. */
  sent: number;
  /** One a content event; equal for events that one read completed. Empty when not streamed. */
  stamps: number[];
  /** Output tokens of each event. */
  tokens: number[];
  /** [DONE], the last byte, or the failure. */
  done: number;
  /** First content that was not reasoning; undefined where nothing was. */
  answered?: number | undefined;
}

/** Latencies of one request in ms; undefined where the definition asks for more than it had. */
export interface Latencies {
  ttft?: number | undefined;
  /** To the first of the answer, where reasoning came before it. */
  ttfo?: number | undefined;
  tpot?: number | undefined;
  e2el: number;
  /** One an output token after the first. */
  itl: number[];
  /** Gaps between distinct stamps: what other tools print as ITL. */
  icl: number[];
  queue: number;
}

export const monotonicMs = (): number => performance.now();

export function latenciesOf(timeline: Timeline, numTokens: number): Latencies {
  const { sent, stamps, done } = timeline;
  const first = stamps[0];
  const last = stamps.at(-1);
  const queue = sent - timeline.scheduled;
  if (first === undefined || last === undefined) return { e2el: done - sent, itl: [], icl: [], queue };
  const groups = groupByStamp(timeline);
  return {
    ttft: first - sent,
    ttfo: timeline.answered === undefined ? undefined : timeline.answered - sent,
    tpot: numTokens >= 2 ? (last - first) / (numTokens - 1) : undefined,
    e2el: last - sent,
    itl: tokenGaps(groups),
    icl: groups.slice(1).map((group, i) => group.at - groups[i]!.at),
    queue,
  };
}

interface StampGroup {
  at: number;
  tokens: number;
}

function groupByStamp({ stamps, tokens }: Timeline): StampGroup[] {
  const groups: StampGroup[] = [];
  stamps.forEach((at, i) => {
    const group = groups.at(-1);
    if (group?.at === at) group.tokens += tokens[i]!;
    else groups.push({ at, tokens: tokens[i]! });
  });
  return groups;
}

/** n - 1 gaps that sum to last - first: tokens of one read came together, the wait for it is shared among them. */
function tokenGaps(groups: readonly StampGroup[]): number[] {
  const carrying = groups.filter((group) => group.tokens > 0).map((group) => ({ ...group }));
  if (carrying.length > 1) {
    // Text that completed no token belongs to the token beside it, so the ends stay where the reader saw them.
    carrying[0]!.at = groups[0]!.at;
    carrying.at(-1)!.at = groups.at(-1)!.at;
  }
  return carrying.flatMap(({ at, tokens }, j) => {
    const before = carrying[j - 1];
    if (before === undefined) return Array.from({ length: tokens - 1 }, () => 0);
    return Array.from({ length: tokens }, () => (at - before.at) / tokens);
  });
}
