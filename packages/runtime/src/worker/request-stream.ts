// What the worker reports of one request, as an async stream. What a slow reader leaves unread is merged into one update, so a
// stream holds at most one.
import type { FinishReason, TrtllmError, WireLogprobs } from '@trtllm/protocol';

/** Raw logits of consecutive prompt rows: float32 [num_rows, vocab_size]. */
export interface ContextLogits {
  first_row: number;
  num_rows: number;
  vocab_size: number;
  values: Float32Array;
}

export interface RequestUpdate {
  /** When its frame was read (performance.now), and the engine's iteration then; of merged updates those of the last. */
  received_ms: number;
  iteration?: number;
  token_ids: number[];
  /** One a token, if asked for. */
  logprobs: WireLogprobs[];
  context_logits: ContextLogits[];
  prompt_logprobs?: (WireLogprobs | null)[];
  /** With the first token: prompt tokens taken from the prefix cache. */
  cached_tokens?: number;
  /** On the last update. A request that ends by an error throws instead. */
  finish?: Exclude<FinishReason, 'error'>;
}

export class RequestStream implements AsyncIterable<RequestUpdate> {
  private unread: RequestUpdate | undefined;
  private error: TrtllmError | undefined;
  private wake: (() => void) | undefined;

  /** `onLeave` is called when the reader is done or goes early. */
  constructor(private readonly onLeave: () => void) {}

  push(update: RequestUpdate): void {
    this.unread = this.unread ? merge(this.unread, update) : update;
    this.wake?.();
  }

  fail(error: TrtllmError): void {
    this.error = error;
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RequestUpdate, void> {
    try {
      for (;;) {
        const update = this.unread;
        this.unread = undefined;
        if (update) yield update;
        if (update?.finish) return;
        if (this.unread) continue;
        if (this.error) throw this.error;
        await new Promise<void>((resolve) => (this.wake = resolve));
      }
    } finally {
      this.onLeave();
    }
  }
}

function merge(first: RequestUpdate, second: RequestUpdate): RequestUpdate {
  return {
    ...first,
    ...second,
    token_ids: first.token_ids.concat(second.token_ids),
    logprobs: first.logprobs.concat(second.logprobs),
    context_logits: first.context_logits.concat(second.context_logits),
  };
}
