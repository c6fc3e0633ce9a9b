// The socket a worker dials: mode 0600 in a 0700 folder with an unguessable name, for one connection only.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class WorkerListener {
  private constructor(
    readonly socketPath: string,
    private readonly folder: string,
    private readonly server: Server,
    /** The worker's connection, once it has dialled in. */
    readonly accepted: Promise<Socket>,
  ) {}

  static async open(): Promise<WorkerListener> {
    const folder = await mkdtemp(join(tmpdir(), 'trtllm-')); // mkdtemp makes it 0700
    const socketPath = join(folder, 'worker.sock');
    const server = createServer();
    const accepted = new Promise<Socket>((resolve) => {
      server.once('connection', (socket) => {
        resolve(socket);
        server.close();
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socketPath, resolve);
    });
    await chmod(socketPath, 0o600);
    return new WorkerListener(socketPath, folder, server, accepted);
  }

  /** The name is needed only until the worker has dialled in. */
  async close(): Promise<void> {
    if (this.server.listening) this.server.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
