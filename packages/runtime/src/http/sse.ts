// Server-sent events over one reply. Waits for a slow reader; connections.ts cuts off one that takes nothing for too long.
import type { FastifyReply } from 'fastify';
import type { HttpError } from './errors.js';

export class EventStream {
  private constructor(private readonly reply: FastifyReply) {}

  /** Sends the head: from here on an error is an event. */
  static open(reply: FastifyReply): EventStream {
    reply.hijack();
    reply.raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    });
    return new EventStream(reply);
  }

  /** A promise only where the reader is slow: most tokens need none. */
  send(event: object): Promise<void> | undefined {
    return this.write(`data: ${JSON.stringify(event)}\n\n`);
  }

  /** The stream was whole. */
  async done(): Promise<void> {
    await this.write('data: [DONE]\n\n');
    this.reply.raw.end();
  }

  /** The stream broke: one error event, and no [DONE]. */
  fail(error: HttpError): void {
    if (!this.reply.raw.writable) return;
    this.reply.raw.end(`data: ${JSON.stringify(error.body())}\n\n`);
  }

  private write(text: string): Promise<void> | undefined {
    const { raw } = this.reply;
    if (raw.destroyed || raw.write(text)) return undefined;
    return new Promise<void>((resolve) => {
      const settle = () => {
        raw.off('drain', settle).off('close', settle);
        resolve();
      };
      raw.once('drain', settle).once('close', settle);
    });
  }
}
