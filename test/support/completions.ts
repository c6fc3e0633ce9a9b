// A completions server that takes token ids, for tests of the bench: as many tokens as were asked for, a few ms apart.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Completions {
  url: string;
  close(): void;
}

/** `isRefused`: of the n-th request, from 0. */
export async function completionsServer(isRefused: (n: number) => boolean = () => false): Promise<Completions> {
  let numRequests = 0;
  const server = createServer((request, reply) => {
    if (request.method === 'GET') return void reply.end(JSON.stringify({ data: [{ id: 'org/model' }] }));
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', async () => {
      if (isRefused(numRequests++)) return void reply.writeHead(503).end('{"error":"<b>full</b>"}');
      const { prompt, max_tokens: numTokens } = JSON.parse(Buffer.concat(pieces).toString()) as { prompt: number[]; max_tokens: number };
      reply.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let i = 0; i < numTokens; i++) {
        await sleep(2);
        reply.write(event({ choices: [{ text: ' a' }] }));
      }
      reply.end(event({ choices: [], usage: { prompt_tokens: prompt.length, completion_tokens: numTokens } }) + 'data: [DONE]\n\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const event = (payload: object): string => `data: ${JSON.stringify(payload)}\n\n`;

/** A load that needs no tokenizer. */
export const SMALL_LOAD = ['--tokenize-on-client', '--vocab-size', '100', '--random-input-len', '8', '--random-output-len', '6', '--no-test-input'];
