// A server over the fake worker, and short ways to talk to it. The parrot repeats its prompt; token id 3 + b is byte b.
import type { FakeBehaviour, FakeEngine } from './fake-engine.js';
import { makeFakeEngine } from './fake-engine.js';
import { serve, type RunningServer, type ServeOptions } from '../serve.js';

export interface Served {
  engine: FakeEngine;
  server: RunningServer;
  log: string[];
  get(path: string): Promise<Response>;
  /** Sends a body (an object, or text as it is) with "model" filled in. */
  post(path: string, body: object | string, init?: RequestInit): Promise<Response>;
  completion(fields: object): Promise<any>;
  chat(fields: object): Promise<any>;
  close(): Promise<void>;
}

export async function serveFake(
  behaviour: FakeBehaviour = {},
  options: Partial<ServeOptions> = {},
  engine: FakeEngine = makeFakeEngine(behaviour),
): Promise<Served> {
  const log: string[] = [];
  const server = await serve(engine.engineDirectory, {
    nativeDirectory: engine.nativeDirectory,
    host: '127.0.0.1',
    port: 0,
    log: (line) => log.push(line),
    handle_signals: false,
    drain_ms: 2000,
    ...options,
  });
  const get = (path: string) => fetch(server.url + path);
  const post = (path: string, body: object | string, init: RequestInit = {}) =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify({ model: 'parrot', ...body }),
      ...init,
    });
  const json = async (path: string, fields: object) => (await post(path, fields)).json();
  return {
    engine,
    server,
    log,
    get,
    post,
    completion: (fields) => json('/v1/completions', fields),
    chat: (fields) => json('/v1/chat/completions', fields),
    close: async () => {
      await server.stop();
      engine.remove();
    },
  };
}

/** The payloads of an event stream, as text, until it ends. */
export async function eventsOf(response: Response): Promise<string[]> {
  const text = await response.text();
  if (text !== '' && !text.endsWith('\n\n')) throw new Error('the stream ends inside an event');
  return text
    .split('\n\n')
    .slice(0, -1)
    .map((event) => {
      if (!event.startsWith('data: ')) throw new Error(`not an event: ${event}`);
      return event.slice('data: '.length);
    });
}

/** Token ids of text, byte by byte. */
export function byteIds(text: string): number[] {
  return [...Buffer.from(text)].map((byte) => byte + 3);
}
