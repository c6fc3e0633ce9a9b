// The requests that are being answered: each has a signal that aborts it when its client hangs up, its time is over or the server
// stops. Also what a full queue tells the next client.
import type { ServerResponse } from 'node:http';
import { TrtllmError } from '@trtllm/protocol';
import { LIMITS } from './limits.js';

const DISCONNECTED = new Error('the client hung up');
/** Ends that the drain rate is measured over. */
const MEASURED_ENDS = 32;

export interface OpenRequest {
  readonly signal: AbortSignal;
  readonly isDisconnected: boolean;
  /** The queue's time limit no longer holds. */
  firstToken(): void;
  abort(reason: Error): void;
  end(): void;
}

export class OpenRequests {
  private readonly open = new Set<OpenRequest>();
  private endTimes_ms: number[] = [];
  private onIdle: (() => void) | undefined;

  begin(response: ServerResponse): OpenRequest {
    const controller = new AbortController();
    const abort = (reason: Error) => controller.abort(reason);
    const late = (what: string) => () => abort(new TrtllmError('REQUEST_TIMEOUT', what));
    const queueTimer = setTimeout(late(`no first token within ${LIMITS.queue_ms / 1000} s`), LIMITS.queue_ms);
    const requestTimer = setTimeout(late(`not done within ${LIMITS.request_ms / 1000} s`), LIMITS.request_ms);
    const onClose = () => {
      if (!response.writableFinished) abort(DISCONNECTED);
    };
    response.once('close', onClose);
    const request: OpenRequest = {
      signal: controller.signal,
      get isDisconnected() {
        return controller.signal.reason === DISCONNECTED;
      },
      firstToken: () => clearTimeout(queueTimer),
      abort,
      end: () => {
        clearTimeout(queueTimer);
        clearTimeout(requestTimer);
        response.off('close', onClose);
        this.remove(request);
      },
    };
    this.open.add(request);
    return request;
  }

  get size(): number {
    return this.open.size;
  }

  /** Resolves when none is open; after `limit_ms` those that are left are aborted. */
  async drain(limit_ms: number): Promise<void> {
    if (this.open.size === 0) return;
    const idle = new Promise<void>((resolve) => (this.onIdle = resolve));
    const timer = setTimeout(() => {
      const error = new TrtllmError('SHUTTING_DOWN', 'the server is shutting down; this request was not done in time');
      for (const request of this.open) request.abort(error);
    }, limit_ms);
    await idle;
    clearTimeout(timer);
  }

  /** After how many seconds the queue has probably moved, from how fast requests ended of late. */
  retryAfter_s(): number {
    const first_ms = this.endTimes_ms[0];
    if (first_ms === undefined) return 1;
    const interval_ms = (performance.now() - first_ms) / this.endTimes_ms.length;
    return Math.min(60, Math.max(1, Math.ceil(interval_ms / 1000)));
  }

  private remove(request: OpenRequest): void {
    this.open.delete(request);
    this.endTimes_ms = [...this.endTimes_ms, performance.now()].slice(-MEASURED_ENDS);
    if (this.open.size === 0) this.onIdle?.();
  }
}
