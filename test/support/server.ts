// One real `trtllm serve` process on a free port, and what a test asks it.
import { execa } from 'execa';
import OpenAI from 'openai';
import { CLI } from './engines.js';

export interface TestServer {
  url: string;
  /** The served model's name. */
  model: string;
  client: OpenAI;
  /** The process of `trtllm serve`; its exit is `process` settling. */
  process: ReturnType<typeof serveProcess>;
  /** Everything it wrote so far. */
  log(): string;
  workerPid(): number;
  /** Ends it politely. */
  stop(): Promise<void>;
}

const serveProcess = (engine: string, flags: string[]) => execa(process.execPath, [CLI, 'serve', engine, '--port', '0', '--threads', '1', ...flags], { reject: false, all: true });

const READY = /^ready: (\S+) at (\S+)$/m;

export async function startServer(engine: string, flags: string[] = []): Promise<TestServer> {
  const process_ = serveProcess(engine, flags);
  let log = '';
  const ready = new Promise<RegExpExecArray>((resolve, reject) => {
    process_.all.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      const match = READY.exec(log);
      if (match) resolve(match);
    });
    void process_.then(() => reject(new Error(`trtllm serve ended before it was ready:\n${log}`)));
  });
  const [, model, url] = await ready;
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });
  return {
    url: url!,
    model: model!,
    client,
    process: process_,
    log: () => log,
    workerPid: () => Number([...log.matchAll(/worker: process id (\d+)/g)].at(-1)![1]),
    stop: async () => {
      process_.kill('SIGTERM');
      await process_;
    },
  };
}

/** Waits until the condition holds; throws with `what` when it does not within the time. */
export async function until(what: string, limit_ms: number, condition: () => Promise<boolean> | boolean): Promise<number> {
  const start_ms = performance.now();
  while (!(await condition())) {
    if (performance.now() - start_ms > limit_ms) throw new Error(`not within ${limit_ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return performance.now() - start_ms;
}

export interface BlockCounts {
  maxNumBlocks: number;
  freeNumBlocks: number;
  usedNumBlocks: number;
}

/** Of the newest iteration record; undefined where there was none since the last look. */
export async function blockCounts({ url }: TestServer): Promise<BlockCounts | undefined> {
  const records = (await (await fetch(`${url}/metrics`)).json()) as { kvCacheStats: BlockCounts }[];
  return records.at(-1)?.kvCacheStats;
}
