// The server's connections: counted while it runs, and closed at its end without cutting a reply.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** A reply is on its way to its socket within this time of its request's end. */
const TICK_MS = 50;
/** For the last bytes to a slow reader. */
const FLUSH_TICKS = 40;

export class Connections {
  private readonly sockets = new Set<Socket>();
  private closed: Promise<void> | undefined;

  constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
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
        if (ticks > FLUSH_TICKS) socket.destroy();
        else if (socket.writableLength === 0) socket.destroySoon();
      }
    }, TICK_MS);
    await this.closed;
    clearInterval(timer);
  }
}
