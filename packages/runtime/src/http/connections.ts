// The server's connections: counted, cut off where a reader takes nothing for too long, and closed at the end without cutting a reply.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { LIMITS } from './limits.js';

/** A reply is on its way to its socket within this time of its request's end. */
const CLOSE_TICK_MS = 50;
/** For the last bytes to a slow reader. */
const CLOSE_TICKS = 40;

export class Connections {
  private readonly sockets = new Set<Socket>();
  /** Those whose reply is not out yet: they may be silent for as long as the engine needs. */
  private readonly waiting = new Set<Socket>();
  private closed: Promise<void> | undefined;

  constructor(
    private readonly server: Server,
    slowReader_ms: number = LIMITS.slow_reader_ms,
  ) {
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    server.on('request', ({ socket }, response) => {
      this.waiting.add(socket);
      response.once('close', () => this.waiting.delete(socket));
    });
    // Node counts time in which a socket neither takes nor gives a byte; idle keep-alive connections have their own, shorter time.
    server.timeout = slowReader_ms;
    server.on('timeout', (socket) => {
      if (socket.writableLength > 0 || !this.waiting.has(socket)) socket.destroy();
    });
  }

  get size(): number {
    return this.sockets.size;
  }

  /** From here on no connection is taken; those that are open stay. */
  stopListening(): void {
    this.closed ??= new Promise((resolve) => this.server.close(() => resolve()));
  }

  /** Ends every connection once its last bytes are out; what is left after a while is cut. */
  async close(): Promise<void> {
    this.stopListening();
    let ticks = 0;
    const timer = setInterval(() => {
      ticks++;
      for (const socket of this.sockets) {
        if (ticks > CLOSE_TICKS) socket.destroy();
        else if (socket.writableLength === 0) socket.destroySoon();
      }
    }, CLOSE_TICK_MS);
    await this.closed;
    clearInterval(timer);
  }
}
