// What of an agent's share is not answered yet: asked for when the agent is gone.
import type { RequestRecord } from '../client/request-record.js';
import type { PlannedRequest } from '../plan/workload.js';
import type { Share } from './share-plan.js';

export interface UnderWay {
  request: PlannedRequest;
  /** ms; of a later turn, and behind a limit, that of its conversation. */
  due: number;
}

export class OpenShare {
  readonly #requests = new Map<number, PlannedRequest>();
  /** Turns answered of the conversation that begins with a request; Infinity: no more come. */
  readonly #answered = new Map<PlannedRequest, number>();
  readonly #firstOf = new Map<PlannedRequest, PlannedRequest>();

  constructor(private readonly share: Share) {
    for (const { turns } of share.conversations) {
      for (const turn of turns) {
        this.#requests.set(turn.index, turn);
        this.#firstOf.set(turn, turns[0]!);
      }
    }
  }

  /** The request of that index in the plan. */
  answered(index: number): PlannedRequest {
    const request = this.#requests.get(index);
    if (request === undefined) throw new Error(`answered request ${index}, which is not of its share`);
    return request;
  }

  /** A conversation ends with a turn that failed. */
  took(request: PlannedRequest, { outcome }: RequestRecord): void {
    this.#answered.set(this.#firstOf.get(request)!, outcome === 'ok' ? (request.turn ?? 0) + 1 : Infinity);
  }

  /** Requests that were sent or should have been by `now`, where the load began at `startAt`: one of a conversation, no more than the limit lets out. */
  underWay(startAt: number, now: number): UnderWay[] {
    const { conversations, maxConcurrency } = this.share;
    const open = conversations.flatMap(({ offset, turns }) => {
      const next = turns[this.#answered.get(turns[0]!) ?? 0];
      return next !== undefined && startAt + offset <= now ? [{ request: next, due: startAt + offset }] : [];
    });
    return open.slice(0, maxConcurrency);
  }
}
