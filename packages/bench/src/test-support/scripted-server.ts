// A server on 127.0.0.1 that does what a test's script says, and a clock that moves only when the script moves it.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

export type Script = (body: any, reply: ServerResponse, request: IncomingMessage) => void | Promise<void>;

export interface ScriptedServer {
  url: string;
  /** Bodies of the POSTs, in order. */
  bodies: any[];
  close(): Promise<void>;
}

/**
 * @param root where the model's files lie, as vLLM's servers tell it
 * @param told what GET finds, by path; elsewhere the list of models
 */
export async function scriptedServer(script: Script, modelId = 'scripted', root?: string, told: Record<string, () => unknown> = {}): Promise<ScriptedServer> {
  const bodies: any[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, reply) => {
    if (request.method === 'GET') return void reply.end(JSON.stringify(told[request.url!]?.() ?? { data: [{ id: modelId, root }] }));
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(pieces).toString());
      bodies.push(body);
      void Promise.resolve(script(body, reply, request)).catch((error: unknown) => reply.destroy(error as Error));
    });
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** The same, closed when the test that asked for it has ended. */
export async function serverFor(...script: Parameters<typeof scriptedServer>): Promise<ScriptedServer> {
  const server = await scriptedServer(...script);
  onTestFinished(() => server.close());
  return server;
}

export class ScriptedClock {
  at = 0;
  #wake: (() => void) | undefined;

  /** Given to the client, which reads it once for every read of its socket. */
  readonly now = (): number => {
    this.#wake?.();
    return this.at;
  };

  /** Writes at that time and waits until the client has stamped the read. */
  async write(reply: ServerResponse, at: number, bytes: string | Buffer): Promise<void> {
    this.at = at;
    const read = new Promise<void>((resolve) => (this.#wake = resolve));
    reply.write(bytes);
    await read;
  }
}

export function openStream(reply: ServerResponse): void {
  reply.writeHead(200, { 'content-type': 'text/event-stream' });
  reply.flushHeaders();
}

export function sse(payload: unknown): string {
  return `data: ${typeof payload === 'string' ? payload : JSON.stringify(payload)}\n\n`;
}

export function completion(text: string, more: object = {}): string {
  return sse({ choices: [{ index: 0, text, finish_reason: null }], ...more });
}

export function chat(delta: object, more: object = {}): string {
  return sse({ choices: [{ index: 0, delta, finish_reason: null }], ...more });
}

export function usage(promptTokens: number, completionTokens: number): object {
  return { usage: { prompt_tokens: promptTokens, completion_tokens: completionTokens } };
}

export const DONE = sse('[DONE]');

/** Answers every completion of token ids after so long, with as many pieces as tokens were asked for. */
export const answeringAfter = (delayMs: number): Script => async (body, reply) => {
  await sleep(delayMs);
  openStream(reply);
  for (let i = 0; i < body.max_tokens; i++) reply.write(completion('x'));
  reply.end(sse({ choices: [], ...usage(body.prompt.length, body.max_tokens) }) + DONE);
};
