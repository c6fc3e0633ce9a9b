// An agent: an HTTP server that sends shares of other machines' plans. GET /clock reads its clock; POST /share is a part of a run.
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TrtllmError } from '@trtllm/protocol';
import { writeLine } from './json-lines.js';
import { ShareRun, type Sender } from './run-share.js';
import { AGENT_VERSION, VERSION_HEADER, type AgentLine, type ClockReading } from './wire.js';

export interface AgentOptions extends Sender {
  host: string;
  /** 0: a free one. */
  port: number;
  token?: string | undefined;
  log?: ((line: string) => void) | undefined;
}

export interface Agent {
  address: string;
  /** Cancels what is being sent. */
  close(): Promise<void>;
}

const KEEP_ALIVE_MS = 60_000;
/** A coordinator asks for the clock every second as long as it lives (agent-link.ts). */
const SILENCE_MS = 15_000;

export async function startAgent(options: AgentOptions): Promise<Agent> {
  if (options.client === 'native' && options.loadgen === undefined) throw new TrtllmError('BAD_FLAG', '--client native: trtllm-loadgen is not built; run `make native`, or give --client node');
  const desk = new Desk(options);
  // A share's request stays open for commands as long as the run.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: KEEP_ALIVE_MS }, (request, reply) => desk.answer(request, reply));
  await listening(server, options);
  const { address, port, family } = server.address() as AddressInfo;
  return {
    address: `${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: async () => {
      await desk.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listening(server: Server, { host, port }: AgentOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const isTaken = cause.code === 'EADDRINUSE';
      reject(new TrtllmError(isTaken ? 'PORT_IN_USE' : 'BAD_FLAG', isTaken ? `port ${port} of ${host} is in use` : `--host ${host}: ${cause.message}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

/** One share at a time. */
class Desk {
  #askedAt = 0;
  #run: { share: ShareRun; ended: Promise<void> } | undefined;

  constructor(private readonly options: AgentOptions) {}

  answer(request: IncomingMessage, reply: ServerResponse): void {
    reply.setHeader(VERSION_HEADER, AGENT_VERSION);
    const refusal = this.#refusal(request);
    if (refusal) return refuseWith(reply, ...refusal);
    const route = `${request.method} ${request.url}`;
    if (route === 'GET /clock') return this.#readClock(reply);
    if (route !== 'POST /share') return refuseWith(reply, 404, `expected GET /clock or POST /share, found ${route}`);
    if (this.#run) return refuseWith(reply, 409, 'is busy with another run');
    this.#begin(request, reply);
  }

  /** Resolves when what was open is cancelled and the coordinator told. */
  async close(): Promise<void> {
    this.#run?.share.stop();
    await this.#run?.ended;
  }

  #refusal({ headers }: IncomingMessage): [status: number, message: string] | undefined {
    if (headers[VERSION_HEADER] === undefined) return [400, `expected the header ${VERSION_HEADER}`];
    const { token } = this.options;
    if (token !== undefined && !isSame(headers.authorization ?? '', `Bearer ${token}`)) return [401, 'wrong token: give the one that it was started with as --agent-token'];
    const theirs = String(headers[VERSION_HEADER]);
    return theirs === AGENT_VERSION ? undefined : [426, `is of version ${AGENT_VERSION}, the coordinator of ${theirs}`];
  }

  #readClock(reply: ServerResponse): void {
    this.#askedAt = performance.now();
    reply.end(JSON.stringify({ now: this.#askedAt } satisfies ClockReading));
  }

  #begin(request: IncomingMessage, reply: ServerResponse): void {
    const { log = () => {} } = this.options;
    const from = request.socket.remoteAddress;
    const share = new ShareRun(this.options, request, reply);
    reply.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders();
    reply.on('close', () => share.cancel());
    reply.on('error', () => {}); // 'close' follows
    log(`a share from ${from}`);
    this.#askedAt = performance.now();
    const watch = setInterval(() => performance.now() - this.#askedAt > SILENCE_MS && share.stop(), 1000);
    const ended = share.run().then(
      () => log(`share from ${from}: sent`),
      (error: Error) => {
        log(`share from ${from}: ${error.message}`);
        if (!reply.destroyed) writeLine(reply, { kind: 'error', message: error.message } satisfies AgentLine);
      },
    );
    this.#run = { share, ended: ended.finally(() => this.#over(reply, watch)) };
  }

  #over(reply: ServerResponse, watch: NodeJS.Timeout): void {
    clearInterval(watch);
    reply.end();
    this.#run = undefined;
  }
}

function refuseWith(reply: ServerResponse, status: number, error: string): void {
  reply.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify({ error }));
}

/** In a time that tells nothing of how much was right. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
