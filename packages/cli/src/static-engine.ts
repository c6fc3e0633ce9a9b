// The engine of a static benchmark: requests into a worker, its statistics into a file.
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { StaticRequest, SubmitStatic } from '@trtllm/bench';
import { TrtllmError } from '@trtllm/protocol';
import type { OpenWorker } from '@trtllm/runtime/engine';

/** Statistics follow their tokens at once; a worker that does not send them must not hang the run. */
const LAST_STATS_MS = 2_000;

export class StaticEngine {
  private lastIteration = 0;

  /** @param eosId token that ends an output; -1: none */
  constructor(
    private readonly worker: OpenWorker,
    private readonly eosId: number,
  ) {}

  readonly submit: SubmitStatic = (request, signal) => this.pieces(request, signal);

  /** Takes the statistics of every step from now on. The returned function waits for those of the last step, and closes the file. */
  logIterations(path: string): () => Promise<void> {
    const file = createWriteStream(path);
    const written = finished(file).catch((cause: Error) => {
      throw new TrtllmError('IO_ERROR', `--iteration-log ${path}: ${cause.message}`, { cause });
    });
    written.catch(() => {}); // thrown where it is awaited
    const seen = new StatsUntil(this.worker, file);
    return async () => {
      await seen.reaches(this.lastIteration);
      file.end();
      await written;
    };
  }

  private async *pieces(request: StaticRequest, signal: AbortSignal): ReturnType<SubmitStatic> {
    const stream = this.worker.client.submit(
      { prompt_ids: request.input_ids, max_tokens: request.output_tokens, sampling: { temperature: 0 }, stop_token_ids: this.eosId < 0 ? [] : [this.eosId] },
      signal,
    );
    for await (const { token_ids, received_ms, iteration = 0, finish } of stream) {
      if (finish === 'cancelled') throw signal.reason;
      this.lastIteration = Math.max(this.lastIteration, iteration);
      yield { time: received_ms, token_ids };
    }
  }
}

/** Writes records as they come, and knows how far they are. */
class StatsUntil {
  private newest = 0;
  private wake = (): void => {};
  /** What stood there before, which prints them where that is wanted. */
  private readonly printing: OpenWorker['client']['onStats'];

  constructor(
    private readonly worker: OpenWorker,
    file: WriteStream,
  ) {
    this.printing = worker.client.onStats;
    worker.client.onStats = (stats) => {
      const { records } = stats;
      for (const record of records) file.write(`${JSON.stringify(record)}\n`);
      this.newest = Number(records.at(-1)?.['iter'] ?? this.newest);
      this.wake();
      this.printing(stats);
    };
  }

  async reaches(iteration: number): Promise<void> {
    const deadline = setTimeout(() => ((this.newest = Infinity), this.wake()), LAST_STATS_MS);
    while (this.newest < iteration) await new Promise<void>((resolve) => (this.wake = resolve));
    clearTimeout(deadline);
    this.worker.client.onStats = this.printing;
  }
}
