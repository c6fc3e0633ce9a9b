// Frames over one socket: what the worker says comes as messages, what it is told goes out in order. Knows no requests.
import type { Socket } from 'node:net';
import { encodeFrame, FrameDecoder, TrtllmError, type FromWorker, type ToWorker } from '@trtllm/protocol';

export interface WorkerMessage {
  header: FromWorker;
  tail: Uint8Array;
}

const KNOWN_TYPES = new Set<string>(['hello', 'ready', 'step', 'logits', 'stats', 'pong', 'failed'] satisfies FromWorker['type'][]);

export class WorkerConnection {
  /** Takes each message; set before the socket's next event. */
  onMessage: (message: WorkerMessage) => void = () => {};
  /** Resolves once, when the socket is gone; with the reason where it was ours to end it. */
  readonly closed: Promise<TrtllmError | undefined>;
  private readonly decoder = new FrameDecoder();
  private failure: TrtllmError | undefined;

  constructor(private readonly socket: Socket) {
    this.closed = new Promise((resolve) => socket.once('close', () => resolve(this.failure)));
    socket.on('error', () => {}); // 'close' follows and is what counts
    socket.on('data', (chunk) => this.take(chunk));
  }

  send(message: ToWorker, tail?: Int32Array): void {
    if (this.socket.writable) this.socket.write(encodeFrame(message, tail));
  }

  close(): void {
    this.socket.destroy();
  }

  private take(chunk: Uint8Array): void {
    try {
      for (const frame of this.decoder.push(chunk)) {
        if (KNOWN_TYPES.has(frame.header.type)) this.onMessage({ header: frame.header as unknown as FromWorker, tail: frame.tail });
        else if (frame.header['optional'] !== true)
          throw new TrtllmError('WORKER_PROTOCOL', `the worker sent a message of unknown type ${JSON.stringify(frame.header.type.slice(0, 40))}`);
      }
    } catch (error) {
      this.failure =
        error instanceof TrtllmError ? error : new TrtllmError('WORKER_PROTOCOL', 'a worker message could not be read', { cause: error });
      this.socket.destroy();
    }
  }
}
